//! Where the monitoring goes: to `SENTRY_DSN`, or without one to a receiver in this very process.

use std::io;
use std::time::Duration;

use watchpost::{Config, ConfigErrors, Environment, Guard};
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
        let config = Config::from_env()?;
        let settings = config.settings();
        if settings.dsn.is_some() {
            return Ok(Self { guard: config.init()?, receiver: None });
        }
        let receiver = Receiver::start(0)?;
        let mut config = config.dsn(&receiver.dsn());
        if !settings.environment_is_named {
            // Everything is sampled, and the console is left to the report.
            config = config.environment(Environment::Development).debug(false);
        }
        Ok(Self { guard: config.init()?, receiver: Some(receiver) })
    }

    /// Sends what is still to be sent; the report of all that came, if it came here.
    pub fn report(&self) -> Option<Report> {
        self.guard.flush(Duration::from_secs(5));
        let receiver = self.receiver.as_ref()?;
        Some(Report::new(&receiver.items(), &receiver.requests()))
    }
}
