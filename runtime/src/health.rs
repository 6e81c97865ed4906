//! What monitoring itself is doing: for a health route, and for the eye.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use sentry_core::{Client, ClientOptions, EventSamplingStrategy, Hub, TracesSamplingStrategy};
use serde::Serialize;

use crate::config::{Installed, Settings};
use crate::delivery::{LOCAL_DSN, Ledger, Stats};
use crate::span::state;

/// How monitoring is set up, and what has become of what was captured. Made by [`health()`].
///
/// Serialised, it is the object that the health report holds under `sentry`; [`Health::to_json`] and `Display` give the
/// whole report, `{"status": "healthy", "sentry": {..}}`. No secret is in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// Whether what is captured is sent anywhere.
    pub enabled: bool,
    /// Whether there is a DSN. Without one, copies may go to something local still.
    pub dsn_configured: bool,
    /// The environment that events are filed under.
    pub environment: Option<String>,
    /// The release that is sent with events.
    pub release: Option<String>,
    /// The share of error events that is sent.
    pub sample_rate: f64,
    /// The share of transactions that is sent; where a sampler decides, what it falls back on.
    pub traces_sample_rate: f64,
    /// `unsupported`: the SDK for Rust has no profiler.
    pub profiling: &'static str,
    /// What has become of what was captured; absent where the client is not made from our options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Counts>,
    /// What should be known about the configuration, though nothing is wrong with it.
    pub notes: Vec<&'static str>,
}

/// Items, since the client began.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Taken by the server; with a transport of the program's own, given to it.
    pub sent: u64,
    /// Waiting.
    pub queued: u64,
    /// The part of them that is kept in the spool, and outlives the process.
    pub spooled: u64,
    /// Bytes in the spool.
    pub spool_bytes: u64,
    /// Lost, by reason.
    pub dropped: BTreeMap<&'static str, u64>,
    /// Values that redaction has replaced.
    pub redacted_values: u64,
    /// Panics in functions of the program that were kept in.
    pub hook_panics: u64,
    /// Spans that their transaction had no room for.
    pub spans_lost: u64,
    /// Keys and values of tags and contexts that Sentry would not have taken, and that were cut, renamed or left out.
    pub keys_changed: u64,
    /// Faults of this library that were passed over.
    pub faults: u64,
    /// Errors that a rule kept back.
    pub errors_ignored: u64,
    /// Errors that were too many: of their kind within a minute, or within one attempt of a task that held them back.
    pub errors_suppressed: u64,
}

impl Counts {
    fn with_errors(self, client: &Client) -> Self {
        let (errors_ignored, errors_suppressed) = crate::capture::kept_back(client);
        Self { errors_ignored, errors_suppressed, ..self }
    }
}

impl From<&Stats> for Counts {
    fn from(stats: &Stats) -> Self {
        Self {
            sent: stats.delivered.total() + stats.handed_over.total(),
            queued: stats.pending.total(),
            spooled: stats.kept.total(),
            spool_bytes: stats.kept_bytes,
            dropped: stats.dropped.iter().map(|(reason, tally)| (reason.name(), tally.total())).collect(),
            redacted_values: stats.redacted_values,
            hook_panics: stats.hook_panics,
            spans_lost: state::spans_lost(),
            keys_changed: state::changes(),
            faults: state::failures(),
            errors_ignored: 0,
            errors_suppressed: 0,
        }
    }
}

/// How monitoring is set up on this thread, or in the process where this thread has no client, and what has become of
/// what was captured. It also tells of clients that the program made itself.
///
/// ```
/// let health = watchpost::health();
/// assert!(!health.enabled);
/// assert!(health.to_json().starts_with(r#"{"status":"healthy","sentry":{"enabled":false,"dsn_configured":false,"#));
/// ```
pub fn health() -> Health {
    let current = Hub::current();
    match current.client().or_else(|| Hub::main().client()) {
        Some(client) => Health::of(&client),
        None => Health::without_client(state::remembered().as_deref()),
    }
}

impl Health {
    fn of(client: &Arc<Client>) -> Self {
        let options = client.options();
        let settings = Installed::of(client);
        let hub = Hub::new(Some(Arc::clone(client)), Arc::default());
        Self {
            enabled: client.is_enabled(),
            dsn_configured: options.dsn.is_some() && options.dsn != LOCAL_DSN.parse().ok(),
            environment: options.environment.as_deref().map(str::to_owned),
            release: options.release.as_deref().map(str::to_owned),
            sample_rate: share(sample_rate(options)),
            traces_sample_rate: share(traces_sample_rate(options, settings.as_deref())),
            profiling: PROFILING,
            delivery: hub
                .with_integration(|ledger: &Ledger| Some(Counts::from(&ledger.stats())))
                .map(|counts| counts.with_errors(client)),
            notes: settings.map_or_else(|| vec![FOREIGN], |settings| settings.notes()),
        }
    }

    /// Monitoring was started without a DSN, or not at all.
    fn without_client(settings: Option<&Settings>) -> Self {
        Self {
            enabled: false,
            dsn_configured: false,
            environment: settings.map(|settings| settings.environment.to_string()),
            release: settings.and_then(|settings| settings.release.clone()),
            sample_rate: settings.map_or(0.0, |settings| share(settings.sample_rate)),
            traces_sample_rate: settings.map_or(0.0, |settings| share(settings.traces_sample_rate)),
            profiling: PROFILING,
            delivery: None,
            notes: settings.map_or_else(|| vec!["nothing has been started"], Settings::notes),
        }
    }

    /// The whole report as JSON, on one line. The status is `healthy` whatever monitoring does: a program is well without.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Report<'a> {
            status: &'static str,
            sentry: &'a Health,
        }
        let report = Report { status: "healthy", sentry: self };
        serde_json::to_string(&report).unwrap_or_default()
    }
}

const PROFILING: &str = "unsupported";
const FOREIGN: &str = "the client is not made from watchpost's options: redaction and delivery are not its own";

/// The report as JSON.
impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

fn sample_rate(options: &ClientOptions) -> f32 {
    match options.event_sampling_strategy {
        EventSamplingStrategy::FixedRate(rate) => rate,
        _ => 1.0,
    }
}

fn traces_sample_rate(options: &ClientOptions, settings: Option<&Settings>) -> f32 {
    match &options.traces_sampling_strategy {
        TracesSamplingStrategy::FixedRate(rate) => *rate,
        TracesSamplingStrategy::Function(_) => settings.map_or(1.0, |settings| settings.traces_sample_rate),
        _ => 0.0,
    }
}

/// The number that the rate was written as: 0.05, and not 0.05000000074505806.
fn share(rate: f32) -> f64 {
    rate.to_string().parse().unwrap_or_else(|_| f64::from(rate))
}

#[cfg(test)]
mod tests {
    use sentry_core::Envelope;
    use serde_json::{Value, json};

    use super::*;
    use crate::Config;

    fn of(options: ClientOptions) -> Value {
        let client = Arc::new(Client::with_options(options));
        let hub = Arc::new(Hub::new(Some(client), Arc::default()));
        Hub::run(hub, || serde_json::from_str(&health().to_json()).unwrap())
    }

    fn nowhere(config: Config) -> Config {
        struct Nowhere;
        impl sentry_core::Transport for Nowhere {
            fn send_envelope(&self, _: Envelope) {}
        }
        config.transport(|_: &ClientOptions| Arc::new(Nowhere) as Arc<dyn sentry_core::Transport>)
    }

    #[test]
    fn the_report_is_the_guides() {
        let config = Config::from_vars([
            ("SENTRY_DSN", "https://deadbeef@sentry.invalid/1"),
            ("SENTRY_ENVIRONMENT", "production"),
            ("SENTRY_RELEASE", "bookedbarber-v2@1.0.0"),
        ]);
        let report = of(nowhere(config.unwrap()).client_options());
        assert_eq!(report["status"], "healthy");
        let expected = json!({
            "enabled": true,
            "dsn_configured": true,
            "environment": "production",
            "release": "bookedbarber-v2@1.0.0",
            "sample_rate": 0.8,
            "traces_sample_rate": 0.05,
            "profiling": "unsupported",
            "delivery": {"sent": 0, "queued": 0, "spooled": 0, "spool_bytes": 0, "dropped": {}, "redacted_values": 0, "hook_panics": 0, "spans_lost": 0, "keys_changed": 0, "faults": 0, "errors_ignored": 0, "errors_suppressed": 0},
            "notes": [],
        });
        let mut sentry = report["sentry"].clone();
        // Counted for the whole process, in which other tests run.
        sentry["delivery"]["spans_lost"] = json!(0);
        sentry["delivery"]["keys_changed"] = json!(0);
        sentry["delivery"]["faults"] = json!(0);
        assert_eq!(sentry, expected);
        assert!(!report.to_string().contains("deadbeef"));
    }

    #[test]
    fn what_a_sampler_falls_back_on_is_the_rate() {
        let config = Config::for_environment("staging").dsn("https://key@sentry.invalid/1").traces_sampler(|_| 1.0);
        let report = of(nowhere(config).client_options());
        assert_eq!(report["sentry"]["traces_sample_rate"], 0.5);
    }

    #[test]
    fn without_a_dsn_it_is_off_and_with_spotlight_it_is_on() {
        let report = of(Config::for_environment("staging").client_options());
        assert_eq!(report["sentry"]["enabled"], false);
        assert_eq!(report["sentry"]["dsn_configured"], false);
        assert_eq!(report["sentry"]["environment"], "staging");
        let report = of(Config::for_environment("staging").spotlight("http://127.0.0.1:1/stream").client_options());
        assert_eq!(report["sentry"]["enabled"], true);
        assert_eq!(report["sentry"]["dsn_configured"], false);
    }

    #[test]
    fn a_client_that_is_none_of_ours_is_told_of() {
        let options = ClientOptions::new().dsn("https://key@sentry.invalid/1").environment("theirs").sample_rate(0.25);
        let report = of(options);
        let expected = json!({
            "enabled": false, // it has no transport
            "dsn_configured": true,
            "environment": "theirs",
            "release": null,
            "sample_rate": 0.25,
            "traces_sample_rate": 0.0,
            "profiling": "unsupported",
            "notes": [FOREIGN],
        });
        assert_eq!(report["sentry"], expected);
    }
}
