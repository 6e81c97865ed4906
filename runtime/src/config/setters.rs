//! What code says. It has the first word.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use sentry_core::protocol::{Event, Log, Metric, MonitorCheckIn, Transaction};
use sentry_core::{Breadcrumb, Envelope, Integration, TransactionContext, TransportFactory};

#[cfg(feature = "release-health")]
use super::Sessions;
use super::problem::{Problem, Refused};
use super::spotlight::Spotlight;
use super::variable::{self, VARIABLES};
use super::{Config, Environment, Release, release, shown};
use crate::capture::rules::ErrorRule;
use crate::redact::Mode;

/// Setters that stand for a variable. A value outside of what the variable allows is reported by [`Config::check`] and
/// `init`, and does not take the place of what the other sources say.
impl Config {
    /// Where events go.
    pub fn dsn(mut self, dsn: &str) -> Self {
        let read = VARIABLES[0].read(dsn.trim(), &mut self.code);
        self.note("SENTRY_DSN", || shown::dsn(dsn), read)
    }

    /// The environment that events are filed under, and whose preset applies. An abbreviation such as `prod` is taken
    /// as it is here, and has no preset.
    pub fn environment(mut self, environment: impl Into<Environment>) -> Self {
        let environment = environment.into();
        let checked = environment.check();
        let text = environment.to_string();
        if checked.is_ok() {
            self.code.environment = Some(environment);
        }
        self.note("SENTRY_ENVIRONMENT", || shown::value(&text), checked)
    }

    /// The version that runs.
    pub fn release(mut self, release: impl Into<String>) -> Self {
        let release = release.into();
        let checked = release::check(&release);
        let text = release.clone();
        if checked.is_ok() {
            self.code.release = Some(release);
        }
        self.note("SENTRY_RELEASE", || shown::value(&text), checked)
    }

    /// What stands for the release where neither code nor a variable says one: [`release!`](crate::release!) of the
    /// program. Its package also names the release that a platform's variable gives the commit of.
    pub fn default_release(mut self, release: Release) -> Self {
        self.built = Some(release);
        self
    }

    /// The share of error events that is sent, from 0 to 1.
    pub fn sample_rate(mut self, rate: f32) -> Self {
        let checked = share(rate);
        if checked.is_ok() {
            self.code.sample_rate = Some(rate);
        }
        self.note("SENTRY_SAMPLE_RATE", || rate.to_string(), checked)
    }

    /// The share of transactions that is sent, from 0 to 1.
    pub fn traces_sample_rate(mut self, rate: f32) -> Self {
        let checked = share(rate);
        if checked.is_ok() {
            self.code.traces_sample_rate = Some(rate);
        }
        self.note("SENTRY_TRACES_SAMPLE_RATE", || rate.to_string(), checked)
    }

    /// Checked, and without effect: the SDK for Rust has no profiler.
    pub fn profiles_sample_rate(mut self, rate: f32) -> Self {
        let checked = share(rate);
        if checked.is_ok() {
            self.code.profiles_sample_rate = Some(rate);
        }
        self.note("SENTRY_PROFILES_SAMPLE_RATE", || rate.to_string(), checked)
    }

    /// Whether the SDK says on standard error what it does.
    pub fn debug(mut self, debug: bool) -> Self {
        self.code.debug = Some(debug);
        self
    }

    /// Whether a user's e-mail address, IP address and the like leave unmasked.
    pub fn send_default_pii(mut self, send: bool) -> Self {
        self.code.send_default_pii = Some(send);
        self
    }

    /// Whether events carry a stack trace.
    pub fn attach_stacktrace(mut self, attach: bool) -> Self {
        self.code.attach_stacktrace = Some(attach);
        self
    }

    /// Whether the arguments named in `args(..)` are on their stack frame.
    pub fn include_local_variables(mut self, include: bool) -> Self {
        self.code.include_local_variables = Some(include);
        self
    }

    /// How many breadcrumbs an event carries at most, up to 10000.
    pub fn max_breadcrumbs(mut self, most: usize) -> Self {
        let checked = if most <= variable::MOST_BREADCRUMBS { Ok(()) } else { Err(Refused::outside()) };
        if checked.is_ok() {
            self.code.max_breadcrumbs = Some(most);
        }
        self.note("SENTRY_MAX_BREADCRUMBS", || most.to_string(), checked)
    }

    /// Whether a copy of everything goes to a local Spotlight: `true` for its usual place, or its URL.
    pub fn spotlight(mut self, spotlight: impl Into<Spotlight>) -> Self {
        let spotlight = spotlight.into();
        let checked = spotlight.check();
        let text = spotlight.to_string();
        if checked.is_ok() {
            self.code.spotlight = Some(spotlight);
        }
        self.note("SENTRY_SPOTLIGHT", || shown::value(&text), checked)
    }

    fn note(mut self, variable: &str, shown: impl FnOnce() -> String, read: Result<(), Refused>) -> Self {
        self.refused.retain(|problem| problem.variable() != variable);
        if let Err(refused) = read {
            let allowed = VARIABLES.iter().find(|row| row.name() == variable).map_or("", super::Variable::allowed);
            self.refused.push(Problem::new(variable, shown(), refused.allowed(allowed)).in_code());
        }
        self
    }
}

fn share(rate: f32) -> Result<(), Refused> {
    if variable::is_rate(rate) { Ok(()) } else { Err(Refused::outside()) }
}

/// Functions of the program. A panic in one of them is kept in and counted; of the item that it was asked about nothing
/// is sent. They see items before redaction, and what they capture themselves is dropped.
impl Config {
    /// Says with which probability, from 0 to 1, a transaction is sampled, in the place of the rate. Where it panics or
    /// says no probability, the rate stands.
    pub fn traces_sampler<F>(mut self, sampler: F) -> Self
    where
        F: Fn(&TransactionContext) -> f32 + Send + Sync + 'static,
    {
        self.hooks.traces_sampler = Some(Arc::new(sampler));
        self
    }

    /// Changes or drops an error event.
    pub fn before_send<F>(mut self, hook: F) -> Self
    where
        F: Fn(Event<'static>) -> Option<Event<'static>> + Send + Sync + 'static,
    {
        self.hooks.sent.before_send = Some(Arc::new(hook));
        self
    }

    /// Changes or drops a transaction, its spans included.
    pub fn before_send_transaction<F>(mut self, hook: F) -> Self
    where
        F: Fn(Transaction<'static>) -> Option<Transaction<'static>> + Send + Sync + 'static,
    {
        self.hooks.sent.before_send_transaction = Some(Arc::new(hook));
        self
    }

    /// Changes or drops a log record (feature `logs`).
    pub fn before_send_log<F>(mut self, hook: F) -> Self
    where
        F: Fn(Log) -> Option<Log> + Send + Sync + 'static,
    {
        self.hooks.sent.before_send_log = Some(Arc::new(hook));
        self
    }

    /// Changes or drops a metric (feature `metrics`).
    pub fn before_send_metric<F>(mut self, hook: F) -> Self
    where
        F: Fn(Metric) -> Option<Metric> + Send + Sync + 'static,
    {
        self.hooks.sent.before_send_metric = Some(Arc::new(hook));
        self
    }

    /// Changes or drops a check-in.
    pub fn before_send_check_in<F>(mut self, hook: F) -> Self
    where
        F: Fn(MonitorCheckIn) -> Option<MonitorCheckIn> + Send + Sync + 'static,
    {
        self.hooks.sent.before_send_check_in = Some(Arc::new(hook));
        self
    }

    /// Changes or drops a breadcrumb before it is kept.
    pub fn before_breadcrumb<F>(mut self, hook: F) -> Self
    where
        F: Fn(Breadcrumb) -> Option<Breadcrumb> + Send + Sync + 'static,
    {
        self.hooks.before_breadcrumb = Some(Arc::new(hook));
        self
    }
}

/// What is left out, what belongs together, and what is secret.
impl Config {
    /// Drops errors that a rule matches, before any work is done on them. May be said more than once.
    pub fn ignore_error(mut self, rule: impl Into<ErrorRule>) -> Self {
        self.filters.ignored_errors.push(rule.into());
        self
    }

    /// Leaves out transactions of this name; a `*` stands for any text. They are not sampled, so that nothing below
    /// them is recorded; what gets such a name later is dropped before it is sent. May be said more than once.
    pub fn ignore_transaction(mut self, name: impl Into<String>) -> Self {
        self.filters.ignored_transactions.push(name.into());
        self
    }

    /// Groups the errors that a rule matches under a fingerprint. `{{ default }}` in it stands for Sentry's own
    /// grouping. May be said more than once; the first rule that matches counts.
    pub fn fingerprint_rule<P: Into<String>>(
        mut self,
        rule: impl Into<ErrorRule>,
        fingerprint: impl IntoIterator<Item = P>,
    ) -> Self {
        let fingerprint = fingerprint.into_iter().map(Into::into).collect();
        self.filters.fingerprints.push((rule.into(), fingerprint));
        self
    }

    /// How many events of one fingerprint are sent within a minute, then one that says how many there were; 0 sends
    /// all of them. 10 where nothing is said.
    pub fn storm_limit(mut self, a_minute: u32) -> Self {
        self.storm_limit = Some(a_minute).filter(|limit| *limit > 0);
        self
    }

    /// Adds a key whose values are secret. It matches whole words of a key: `badge` matches `badge_id` and `user.badge`
    /// and not `badger`. May be said more than once.
    pub fn redact_key(mut self, key: impl AsRef<str>) -> Self {
        self.redactor = self.redactor.redact_key(key);
        self
    }

    /// Lets the values of a key leave although it looks secret. May be said more than once.
    pub fn allow_key(mut self, key: impl AsRef<str>) -> Self {
        self.redactor = self.redactor.allow_key(key);
        self
    }

    /// Adds a function that finds the first secret of the program's own in a text. May be said more than once.
    pub fn redact_pattern(mut self, find: impl Fn(&str) -> Option<Range<usize>> + Send + Sync + 'static) -> Self {
        self.redactor = self.redactor.redact_pattern(find);
        self
    }

    /// What takes a secret's place; [`Mode::Replace`] where nothing is said.
    pub fn redaction_mode(mut self, mode: Mode) -> Self {
        self.redactor = self.redactor.mode(mode);
        self
    }
}

/// How things are done.
impl Config {
    /// The longest time that dropping the guard may take. Two seconds where nothing is said.
    pub fn shutdown_timeout(mut self, limit: Duration) -> Self {
        self.shutdown_timeout = limit;
        self
    }

    /// How long one poll of an annotated future may take; a longer one is told by an event, "NAME blocked the executor", once a
    /// minute and function. `None` not to look. Where nothing is said it is 100 ms, and `None` in production. Only traces
    /// that are sampled are looked at.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let config = watchpost::Config::for_environment("production");
    /// assert_eq!(config.settings().blocked_executor_threshold, None);
    /// let config = config.blocked_executor_threshold(Duration::from_millis(50));
    /// assert_eq!(config.settings().blocked_executor_threshold, Some(Duration::from_millis(50)));
    /// ```
    pub fn blocked_executor_threshold(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.blocked_executor_threshold = Some(limit.into());
        self
    }

    /// Whether what leaves is printed to standard error (feature `console`). Where nothing is said it is while developing
    /// without a DSN: in an environment that is named `development`, or on a terminal where none is named.
    ///
    /// ```
    /// let config = watchpost::Config::for_environment("production").console(true);
    /// assert_eq!(config.settings().console, Some(true));
    /// ```
    pub fn console(mut self, print: bool) -> Self {
        self.console = Some(print);
        self
    }

    /// Shows a function of the program all that leaves, as it leaves: typed, redacted, after the hooks, on the thread that
    /// delivers and holding up what comes next. Its panic is kept in. May be said more than once. Without a DSN it is
    /// shown what would have left.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use std::time::Duration;
    ///
    /// let seen = Arc::new(AtomicUsize::new(0));
    /// let count = Arc::clone(&seen);
    /// let config = watchpost::Config::for_environment("staging").traces_sample_rate(1.0);
    /// let guard = config.observe(move |envelope| drop(count.fetch_add(envelope.items().count(), Ordering::Relaxed))).init()?;
    /// watchpost::span("function", "charge").run(|| ());
    /// guard.flush(Duration::from_secs(2));
    /// assert_eq!(seen.load(Ordering::Relaxed), 1);
    /// # Ok::<(), watchpost::ConfigErrors>(())
    /// ```
    pub fn observe(mut self, observer: impl Fn(&Envelope) + Send + Sync + 'static) -> Self {
        self.extensions.observers.push(Arc::new(observer));
        self
    }

    /// Whether error and slow events of traces that are not sampled carry the times of the annotated calls around and before
    /// them, as the context `timings`. They do where nothing is said; what it costs and tells is described in
    /// [the guide](crate::guide::configuration).
    ///
    /// ```
    /// let config = watchpost::Config::from_vars([("SENTRY_ENVIRONMENT", "production")])?.unsampled_timings(false);
    /// assert!(!config.settings().unsampled_timings);
    /// # Ok::<(), watchpost::ConfigErrors>(())
    /// ```
    pub fn unsampled_timings(mut self, on: bool) -> Self {
        self.unsampled_timings = on;
        self
    }

    /// How release health counts sessions. None where nothing is said.
    #[cfg(feature = "release-health")]
    pub fn sessions(mut self, sessions: Sessions) -> Self {
        self.sessions = sessions;
        self
    }

    /// The machine's name on events. The system's own where nothing is said.
    pub fn server_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.server_name = Some(name.into().into_owned());
        self
    }

    /// Adds an integration of the SDK.
    pub fn add_integration(mut self, integration: impl Integration) -> Self {
        self.extensions.integrations.push(Arc::new(integration));
        self
    }

    /// What carries envelopes in the place of the HTTP transport. Redaction, counting and the hooks stay before it.
    pub fn transport(mut self, transport: impl TransportFactory + 'static) -> Self {
        self.extensions.transport = Some(Arc::new(transport));
        self
    }

    /// Keeps what cannot be delivered in a folder, and delivers it when the server can be reached again, in this process
    /// or a later one. Nothing is kept where nothing is said.
    ///
    /// ```no_run
    /// # use watchpost::{Config, delivery::Spool};
    /// let _guard = Config::from_env()?.spool(Spool::new("/var/lib/shop/sentry")).init()?;
    /// # Ok::<(), watchpost::ConfigErrors>(())
    /// ```
    #[cfg(feature = "spool")]
    pub fn spool(mut self, spool: crate::delivery::Spool) -> Self {
        self.extensions.store = Some(spool.into());
        self
    }
}
