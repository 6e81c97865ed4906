//! An error that a database, or its driver, gave.

use std::borrow::Cow;

use crate::capture::Reportable;
use crate::{ErrorReport, SpanStatus, capture_error};

/// An error of a statement, and what its driver knows of it.
///
/// ```
/// use watchpost::sql::Failure;
///
/// # let err = std::fmt::Error;
/// let failure = Failure::of(&err).code("23505").kind("unique_violation").expected(true);
/// ```
#[derive(Debug)]
#[must_use = "it is told of by whoever observes the statement"]
pub struct Failure<'e>(Box<Told<'e>>);

#[derive(Debug)]
struct Told<'e> {
    report: ErrorReport<'e>,
    code: Option<Cow<'e, str>>,
    kind: Option<Cow<'e, str>>,
    constraint: Option<Cow<'e, str>>,
    expected: bool,
}

impl<'e> Failure<'e> {
    /// Of this error: anything that [`capture_error`] takes.
    pub fn of<E: Reportable<By> + ?Sized, By>(err: &'e E) -> Self {
        Self(Box::new(Told { report: capture_error(err), code: None, kind: None, constraint: None, expected: false }))
    }

    /// What the database calls it: a SQLSTATE (`23505`), or a number of its own.
    pub fn code(mut self, code: impl Into<Cow<'e, str>>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// What kind of error it is, in a word with few values (`error.type`): `unique_violation`, `pool_timed_out`.
    pub fn kind(mut self, kind: impl Into<Cow<'e, str>>) -> Self {
        self.0.kind = Some(kind.into());
        self
    }

    /// The constraint that was violated.
    pub fn constraint(mut self, constraint: impl Into<Cow<'e, str>>) -> Self {
        self.0.constraint = Some(constraint.into());
        self
    }

    /// The error is one that programs count on, and no event is made of it here: a name that is taken, a row that is referred to. Whoever
    /// it is returned to may still report it.
    pub fn expected(mut self, expected: bool) -> Self {
        self.0.expected = expected;
        self
    }

    pub(super) fn told(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let code = self.0.code.as_deref().map(|code| ("db.response.status_code", code));
        code.into_iter().chain(self.0.kind.as_deref().map(|kind| ("error.type", kind)))
    }

    /// The status of a span that ended with it: by the class of the SQLSTATE, and the kind.
    pub fn status(&self) -> SpanStatus {
        let state = self.0.code.as_deref().filter(|code| is_sqlstate(code));
        self.0
            .kind
            .as_deref()
            .and_then(status_of_kind)
            .or_else(|| state.and_then(status_of_state))
            .unwrap_or(SpanStatus::InternalError)
    }

    /// Reports it, once, unless it is expected. Whoever observes a statement does so; this is for what fails without one.
    pub fn report(self, database: &super::Database) {
        self.report_of(database, "");
    }

    pub(super) fn report_of(self, database: &super::Database, statement: &str) {
        let Told { report, code, kind, constraint, expected } = *self.0;
        if expected {
            return;
        }
        let mut report = report.category("database").returned();
        if !database.system().is_empty() {
            report = report.tag("db.system.name", database.system());
        }
        if let Some(code) = code {
            if is_sqlstate(&code) {
                report = report.tag("db.sqlstate", &code);
            }
            report = report.field("code", code);
        }
        if let Some(kind) = kind {
            report = report.tag("db.error", &kind).field("kind", kind);
        }
        if let Some(constraint) = constraint {
            report = report.field("constraint", constraint);
        }
        if !statement.is_empty() {
            report = report.field("statement", super::words::cut(statement, super::IN_EVENT));
        }
        report.send();
    }
}

/// Five digits or capital letters, as the standard has it.
fn is_sqlstate(code: &str) -> bool {
    code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

fn status_of_kind(kind: &str) -> Option<SpanStatus> {
    Some(match kind {
        "unique_violation" => SpanStatus::AlreadyExists,
        "foreign_key_violation" | "not_null_violation" | "check_violation" | "exclusion_violation" => {
            SpanStatus::FailedPrecondition
        }
        "row_not_found" => SpanStatus::NotFound,
        "pool_timed_out" => SpanStatus::ResourceExhausted,
        "io" | "tls" | "pool_closed" => SpanStatus::Unavailable,
        _ => return None,
    })
}

/// By the class of the SQLSTATE.
fn status_of_state(state: &str) -> Option<SpanStatus> {
    Some(match (&state[..2], state) {
        (_, "42501") => SpanStatus::PermissionDenied,
        (_, "57014") => SpanStatus::Cancelled,
        ("08" | "57", _) => SpanStatus::Unavailable,
        ("22" | "42", _) => SpanStatus::InvalidArgument,
        ("23", _) => SpanStatus::FailedPrecondition,
        ("25" | "40", _) => SpanStatus::Aborted,
        ("28", _) => SpanStatus::Unauthenticated,
        ("53", _) => SpanStatus::ResourceExhausted,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses() {
        let of = |code: &'static str, kind: &'static str| {
            let err = std::fmt::Error;
            Failure::of(&err).code(code).kind(kind).status()
        };
        assert_eq!(of("23505", "unique_violation"), SpanStatus::AlreadyExists);
        assert_eq!(of("42P01", "other"), SpanStatus::InvalidArgument);
        assert_eq!(of("40P01", "other"), SpanStatus::Aborted);
        assert_eq!(of("1", "other"), SpanStatus::InternalError, "no SQLSTATE");
        assert_eq!(of("XX000", "other"), SpanStatus::InternalError);
    }
}
