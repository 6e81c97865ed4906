//! Where the monitoring goes: to `SENTRY_DSN`, or without one to a receiver in this very process.

use std::io;
use std::time::Duration;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use watchpost::{Config, ConfigErrors, Environment, FlushReport, Guard};
use watchpost_cli::{Receiver, Report};

/// Monitoring under way.
#[derive(Debug)]
pub struct Monitoring {
    guard: Guard,
    receiver: Option<Receiver>,
}

/// Why there is no monitoring.
#[derive(Debug, thiserror::Error)]
pub enum MonitoringError {
    #[error("{}", one_line(.0))]
    Config(#[from] ConfigErrors),
    #[error("the receiver cannot be started: {0}")]
    Receiver(#[from] io::Error),
}

fn one_line(errors: &ConfigErrors) -> String {
    errors.problems().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Monitoring {
    /// Starts it, before any other thread: threads inherit from the one that started them.
    pub fn start() -> Result<Self, MonitoringError> {
        // What the service logs. A subscriber that is there already is somebody's choice.
        let _ = tracing_subscriber::registry().with(watchpost::tracing::layers()).try_init();
        let config = Config::from_env()?.default_release(watchpost::release!());
        let settings = config.settings();
        if settings.dsn.is_some() {
            return Ok(Self { guard: config.init()?, receiver: None });
        }
        let receiver = Receiver::start(0)?;
        let mut config = config.dsn(&receiver.dsn());
        if !settings.environment_is_named {
            // Everything is sampled, and of a day's errors, which come within seconds here, none is held back.
            config = config.environment(Environment::Development).storm_limit(0);
            if std::env::var_os("SENTRY_DEBUG").is_none() {
                // The console is left to the report.
                config = config.debug(false);
            }
        }
        Ok(Self { guard: config.init()?, receiver: Some(receiver) })
    }

    /// Sends what is still to be sent, for up to half a minute: a day's work has come within seconds. Says what has become
    /// of it all, with the report of what came, if it came here.
    pub fn finish(&self) -> (FlushReport, Option<Report>) {
        let flushed = self.guard.flush(Duration::from_secs(30));
        let report = self.receiver.as_ref().map(|receiver| Report::new(&receiver.items(), &receiver.requests()));
        (flushed, report)
    }
}
