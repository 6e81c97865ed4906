//! The rules of one redactor.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use sentry_core::protocol::{
    Attachment, Event, Log, Metric, MonitorCheckIn, SessionAggregates, SessionUpdate, Transaction, Value,
};

use super::keys::{Kind, kind, kind_with};

/// What takes a secret's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// `[REDACTED]`.
    #[default]
    Replace,
    /// The value's ends: `ab***yz`, and `***` for short ones.
    Mask,
    /// A keyed hash, so that equal values stay equal: `hash:` and 32 hexadecimal digits.
    Hash,
}

type Pattern = Arc<dyn Fn(&str) -> Option<Range<usize>> + Send + Sync>;

/// Takes secrets out of what is sent. Cheap to clone.
#[derive(Clone, Default)]
pub struct Redactor(Arc<Rules>);

#[derive(Clone, Default)]
struct Rules {
    own: Vec<(String, Kind)>,
    patterns: Vec<Pattern>,
    mode: Mode,
    send_default_pii: bool,
}

impl Redactor {
    /// The rules everybody has.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more key whose values are secret, in any spelling; as a whole segment of a key or a run of segments.
    pub fn redact_key(mut self, key: impl AsRef<str>) -> Self {
        self.rules().own.push((key.as_ref().to_owned(), Kind::Secret));
        self
    }

    /// A key whose values may leave although it looks secret.
    pub fn allow_key(mut self, key: impl AsRef<str>) -> Self {
        self.rules().own.push((key.as_ref().to_owned(), Kind::Innocent));
        self
    }

    /// One more pattern: where in the text the first secret of one's own is.
    pub fn redact_pattern(mut self, find: impl Fn(&str) -> Option<Range<usize>> + Send + Sync + 'static) -> Self {
        self.rules().patterns.push(Arc::new(find));
        self
    }

    /// What takes a secret's place; [`Mode::Replace`] unless set.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.rules().mode = mode;
        self
    }

    /// Whether personal data (e-mail and IP addresses, telephone numbers, user names) may leave; secrets never do.
    pub fn send_default_pii(mut self, on: bool) -> Self {
        self.rules().send_default_pii = on;
        self
    }

    /// Whether the redactor replaces the values of a key.
    pub fn is_secret_key(&self, key: &str) -> bool {
        match self.kind(key) {
            Kind::Secret => true,
            Kind::Personal => !self.0.send_default_pii,
            Kind::Innocent => false,
        }
    }

    /// The text without its secrets.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }

    /// The URL without user name and password, without the values of secret query parameters.
    pub fn url<'t>(&self, url: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(url)
    }

    /// The query string (`a=1&b=2`, percent-encoded) without the values of secret parameters.
    pub fn query<'t>(&self, query: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(query)
    }

    /// The statement with `?` for its literals.
    pub fn sql<'t>(&self, statement: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(statement)
    }

    /// A JSON value, in place. Returns the number of values redacted.
    pub fn value(&self, value: &mut Value) -> u64 {
        let _ = value;
        0
    }

    /// An error event, in place. Returns the number of values redacted.
    pub fn event(&self, event: &mut Event<'static>) -> u64 {
        let _ = event;
        0
    }

    /// A transaction with its spans, in place. Returns the number of values redacted.
    pub fn transaction(&self, transaction: &mut Transaction<'static>) -> u64 {
        let _ = transaction;
        0
    }

    /// A log, in place. Returns the number of values redacted.
    pub fn log(&self, log: &mut Log) -> u64 {
        let _ = log;
        0
    }

    /// A metric, in place. Returns the number of values redacted.
    pub fn metric(&self, metric: &mut Metric) -> u64 {
        let _ = metric;
        0
    }

    /// A check-in, in place. Returns the number of values redacted.
    pub fn check_in(&self, check_in: &mut MonitorCheckIn) -> u64 {
        let _ = check_in;
        0
    }

    /// A session, in place. Returns the number of values redacted.
    pub fn session(&self, session: &mut SessionUpdate<'static>) -> u64 {
        let _ = session;
        0
    }

    /// Sessions counted together, in place. Returns the number of values redacted.
    pub fn session_aggregates(&self, sessions: &mut SessionAggregates<'static>) -> u64 {
        let _ = sessions;
        0
    }

    /// An attachment, in place. Returns the number of values redacted.
    pub fn attachment(&self, attachment: &mut Attachment) -> u64 {
        let _ = attachment;
        0
    }

    fn kind(&self, key: &str) -> Kind {
        if self.0.own.is_empty() { kind(key) } else { kind_with(key, &self.0.own) }
    }

    fn rules(&mut self) -> &mut Rules {
        Arc::make_mut(&mut self.0)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rules { own, patterns, mode, send_default_pii } = &*self.0;
        f.debug_struct("Redactor")
            .field("own", own)
            .field("patterns", &patterns.len())
            .field("mode", mode)
            .field("send_default_pii", send_default_pii)
            .finish()
    }
}
