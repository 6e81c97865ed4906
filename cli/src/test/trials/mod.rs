//! The trials: each is a small program of its own that uses the runtime as a user would, and what it must have sent.

mod business;
mod filter;
mod general;
mod work;

pub(super) use self::filter::IGNORED;
use super::Trial;
use super::expect::Expected;

/// One trial.
pub(super) struct Part {
    /// Captures what is to be sent.
    pub(super) run: fn(),
    /// What must have been.
    pub(super) expected: Vec<Expected>,
    /// What a person looks for in Sentry.
    pub(super) look_for: &'static str,
}

/// The trial; `pii` is whether users' data leaves unmasked.
pub(super) fn part(trial: Trial, pii: bool) -> Part {
    match trial {
        Trial::Basic => general::basic(),
        Trial::Database => business::database(),
        Trial::Payment => business::payment(),
        Trial::Booking => business::booking(),
        Trial::Integration => business::integration(),
        Trial::Performance => work::performance(),
        Trial::Tasks => work::tasks(),
        Trial::Cron => work::cron(),
        Trial::Redaction => general::redaction(),
        Trial::User => general::user(pii),
        Trial::Filter => filter::part(),
    }
}

/// An error of the trials: what happened, and why.
#[derive(Debug)]
pub(super) struct TestFailure {
    what: &'static str,
    cause: Option<std::io::Error>,
}

impl TestFailure {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, cause: None }
    }

    pub(super) fn because(what: &'static str, kind: std::io::ErrorKind) -> Self {
        Self { what, cause: Some(kind.into()) }
    }
}

impl std::fmt::Display for TestFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.what)
    }
}

impl std::error::Error for TestFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}
