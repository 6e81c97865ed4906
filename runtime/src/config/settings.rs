//! What a configuration comes to: one value for everything.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sentry_core::types::Dsn;
use sentry_core::{Integration, TransportFactory};

use super::environment::Environment;
use super::hooks::Hooks;
use super::{shown, variable};
use crate::capture::rules::ErrorRule;
use crate::delivery::Observer;
use crate::redact::Redactor;

/// What a [`Config`](super::Config) comes to once code, variables, preset and defaults are put together.
///
/// It is not built by hand: ask [`Config::settings`](super::Config::settings).
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Where events go; without it nothing is sent.
    pub dsn: Option<Dsn>,
    /// The environment that events are filed under.
    pub environment: Environment,
    /// Whether code or a variable names the environment: only then does its preset apply.
    pub environment_is_named: bool,
    /// The release, if one is said or detected.
    pub release: Option<String>,
    /// The share of error events that is sent, from 0 to 1.
    pub sample_rate: f32,
    /// The share of transactions that is sent, from 0 to 1; a sampler has the last word.
    pub traces_sample_rate: f32,
    /// Whether code, the variable or a preset says it.
    pub traces_rate_is_said: bool,
    /// Checked, and without effect: the SDK for Rust has no profiler.
    pub profiles_sample_rate: f32,
    /// Whether code or the variable asks for profiles.
    pub profiling_is_asked_for: bool,
    /// Whether the SDK says on standard error what it does.
    pub debug: bool,
    /// Whether a user's e-mail address and the like leave unmasked.
    pub send_default_pii: bool,
    /// Whether events carry a stack trace.
    pub attach_stacktrace: bool,
    /// Whether the arguments named in `args(..)` are on their stack frame.
    pub include_local_variables: bool,
    /// How many breadcrumbs an event carries at most.
    pub max_breadcrumbs: usize,
    /// The Spotlight that gets a copy of everything.
    pub spotlight: Option<String>,
    /// The machine's name on events.
    pub server_name: Option<String>,
    /// How release health counts sessions.
    pub sessions: Sessions,
    /// The longest time that shutting down may take.
    pub shutdown_timeout: Duration,
    /// How many events of one fingerprint are sent within a minute; `None` sends all.
    pub storm_limit: Option<u32>,
    /// How long one poll of an annotated future may take before it counts as having blocked its executor; `None` does
    /// not look.
    pub blocked_executor_threshold: Option<Duration>,
    /// Whether what leaves is printed (feature `console`); `None` where nothing is said, and the situation decides.
    pub console: Option<bool>,
    /// Whether error and slow events of traces that are not sampled carry the times of the calls.
    pub unsampled_timings: bool,
    pub(crate) proxies: Proxies,
    pub(crate) hooks: Hooks,
    pub(crate) filters: Filters,
    pub(crate) redactor: Redactor,
    pub(crate) extensions: Extensions,
}

/// How release health counts sessions (feature `release-health`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Sessions {
    /// None are counted.
    #[default]
    Off,
    /// One, as long as the program runs: for programs that someone sits before.
    Application,
    /// One a request, sent as sums: for servers.
    Request,
}

/// The proxies that the transport goes through, as the usual variables say them.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Proxies {
    pub(crate) http: Option<String>,
    pub(crate) https: Option<String>,
}

/// Which errors and transactions nobody wants, and which belong together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filters {
    pub(crate) ignored_errors: Vec<ErrorRule>,
    pub(crate) ignored_transactions: Vec<String>,
    pub(crate) fingerprints: Vec<(ErrorRule, Vec<String>)>,
}

/// What the program brings of its own.
#[derive(Clone, Default)]
pub(crate) struct Extensions {
    pub(crate) integrations: Vec<Arc<dyn Integration>>,
    /// Who sees what leaves.
    pub(crate) observers: Vec<Observer>,
    /// What carries envelopes in the place of the HTTP transport.
    pub(crate) transport: Option<Arc<dyn TransportFactory>>,
    /// Where what cannot be delivered is kept.
    #[cfg(feature = "transport")]
    pub(crate) store: Option<crate::delivery::Store>,
}

impl Settings {
    /// What should be known about these settings, though nothing is wrong with them: one sentence each.
    pub fn notes(&self) -> Vec<&'static str> {
        let notes = [
            (self.dsn.is_none() && !self.is_local(), "no DSN is configured: nothing is sent"),
            (
                self.dsn.is_none() && self.spotlight.is_none() && self.prints(),
                "no DSN is configured: everything is printed here alone",
            ),
            (
                self.dsn.is_none() && self.spotlight.is_some(),
                "no DSN is configured: everything goes to Spotlight alone",
            ),
            (
                self.spotlight.is_some() && !cfg!(feature = "transport"),
                "Spotlight gets no copies: the feature `transport` is off",
            ),
            (
                self.console == Some(true) && !cfg!(feature = "console"),
                "nothing is printed: the feature `console` is off",
            ),
            (self.release.is_none(), "no release is configured or detected: regressions cannot be told"),
            (self.release.is_none() && self.sessions != Sessions::Off, "sessions are not counted: they need a release"),
            (
                !self.environment_is_named,
                "no environment is configured: events are filed under development, and no preset applies",
            ),
            (self.profiling_is_asked_for, "profiles are not taken: the SDK for Rust has no profiler"),
        ];
        notes.into_iter().filter_map(|(holds, note)| holds.then_some(note)).collect()
    }
}

/// No key of the DSN is in it.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("dsn", &self.dsn.as_ref().map(shown::place))
            .field("environment", &self.environment)
            .field("environment_is_named", &self.environment_is_named)
            .field("release", &self.release)
            .field("sample_rate", &format_args!("{}", variable::show_rate(self.sample_rate)))
            .field("traces_sample_rate", &self.traces_sample_rate)
            .field("profiles_sample_rate", &self.profiles_sample_rate)
            .field("debug", &self.debug)
            .field("send_default_pii", &self.send_default_pii)
            .field("attach_stacktrace", &self.attach_stacktrace)
            .field("include_local_variables", &self.include_local_variables)
            .field("max_breadcrumbs", &self.max_breadcrumbs)
            .field("spotlight", &self.spotlight.as_deref().map(shown::address))
            .field("server_name", &self.server_name)
            .field("sessions", &self.sessions)
            .field("shutdown_timeout", &self.shutdown_timeout)
            .field("storm_limit", &self.storm_limit)
            .field("blocked_executor_threshold", &self.blocked_executor_threshold)
            .field("console", &self.console)
            .field("unsampled_timings", &self.unsampled_timings)
            .field("hooks", &self.hooks)
            .field("filters", &self.filters)
            .finish_non_exhaustive()
    }
}
