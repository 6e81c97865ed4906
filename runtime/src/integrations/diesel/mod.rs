//! Statements of [diesel](https://docs.rs/diesel/2), by its own hook: every connection of the program is monitored without a change to it.
//!
//! ```no_run
//! diesel::connection::set_default_instrumentation(watchpost::diesel::instrumentation)?;
//! # Ok::<(), diesel::result::Error>(())
//! ```
//!
//! or one connection, of which more is known:
//! ```no_run
//! # use diesel::connection::Connection;
//! # fn f(connection: &mut impl Connection) {
//! use watchpost::diesel::Monitor;
//! use watchpost::sql::Database;
//!
//! connection.set_instrumentation(Monitor::new().database(Database::new("postgresql").namespace("shop")));
//! # }
//! ```
//!
//! What becomes of a statement, [`sql`](crate::sql) says. diesel's hook tells of no rows and of no SQLSTATE, but of the kind of an
//! error. An error is reported where it occurs, once; violations of constraints are not. `BEGIN`, `COMMIT` and the like are spans
//! `db.transaction`.
//!
//! With `diesel-async` both ways work alike: its connections call the same hook, within the task that awaits the statement. A future that
//! is dropped before its statement has ended leaves no span: the hook is not told.

use std::collections::VecDeque;
use std::fmt::{self, Display, Write};
use std::time::Instant;

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::result::{ConnectionError, DatabaseErrorKind, Error};

use crate::SpanStatus;
use crate::sql::{self, Database, Failure, Limits};

/// Who observes statements, by Sentry's convention.
const ORIGIN: &str = "auto.db.diesel";
/// What stands between a statement and the values that are bound to it, which never leave.
const BINDS: &str = " -- binds: ";
/// How many statements of one connection are under way at most; more are those that never ended.
const MOST: usize = 64;

/// A monitor, for `diesel::connection::set_default_instrumentation`.
pub fn instrumentation() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(Monitor::new()))
}

/// Monitors the statements of one connection.
#[derive(Debug, Default)]
pub struct Monitor {
    database: Database,
    limits: Limits,
    connecting: Option<Instant>,
    /// In the order in which they began, which is that of their end: `diesel-async` sends several before the first is answered.
    under_way: VecDeque<(String, Instant)>,
}

impl Monitor {
    /// Nothing is known of the database, and the limits are the usual ones.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which database it is.
    #[must_use]
    pub fn database(mut self, database: Database) -> Self {
        self.database = database;
        self
    }

    /// From where on a statement is slow.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    fn connected(&self, since: Instant, error: Option<&ConnectionError>) {
        let failure = error.map(|error| Failure::of(error).kind("connection"));
        let status = failure.as_ref().map_or(SpanStatus::Ok, |_| SpanStatus::Unavailable);
        let span = crate::span("db.connection", "connect").origin(ORIGIN);
        self.database.tell(span).record(since.elapsed(), status);
        if let Some(failure) = failure {
            failure.report(&self.database);
        }
    }

    fn ended(&mut self, text: &str, error: Option<&Error>) {
        // Those before it were given up: answers come in order.
        let Some(at) = self.under_way.iter().position(|(begun, _)| begun == text) else { return };
        let Some((_, since)) = self.under_way.drain(..=at).next_back() else { return };
        let mut statement =
            sql::statement(text).database(&self.database).limits(self.limits).origin(ORIGIN).made_at(None);
        if is_boundary(text) {
            statement = statement.op("db.transaction");
        }
        statement.record(since.elapsed(), error.map_or(Ok(()), |error| Err(failure(error))));
    }
}

impl Instrumentation for Monitor {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if !sql::is_listened_to() {
            return;
        }
        match event {
            InstrumentationEvent::StartEstablishConnection { .. } => self.connecting = Some(Instant::now()),
            InstrumentationEvent::FinishEstablishConnection { error, .. } => {
                if let Some(since) = self.connecting.take() {
                    self.connected(since, error);
                }
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                if self.under_way.len() == MOST {
                    self.under_way.pop_front();
                }
                if let Some(text) = without_binds(&query) {
                    self.under_way.push_back((text, Instant::now()));
                }
            }
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                if let Some(text) = without_binds(&query) {
                    self.ended(&text, error);
                }
            }
            // Transactions are told of by their statements too.
            _ => {}
        }
    }
}

/// The statement, as far as it stands before what is bound; nothing of a query that cannot be written, which never gets to the database.
fn without_binds(query: &impl Display) -> Option<String> {
    let mut text = BeforeBinds(String::new());
    // What is bound may be large: writing ends, with an error, where it would begin.
    let written = write!(text, "{query}");
    let BeforeBinds(mut text) = text;
    // A literal that holds the same words is cut in two, and its beginning left out as a literal: nothing that is bound stays.
    match text.find(BINDS) {
        Some(at) => text.truncate(at),
        None => written.ok()?,
    }
    Some(text)
}

/// Takes text until it holds the words before what is bound.
struct BeforeBinds(String);

impl Write for BeforeBinds {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let Self(text) = self;
        let new = text.len().saturating_sub(BINDS.len());
        text.push_str(piece);
        if text.as_bytes()[new..].windows(BINDS.len()).any(|part| part == BINDS.as_bytes()) {
            return Err(fmt::Error);
        }
        Ok(())
    }
}

fn is_boundary(text: &str) -> bool {
    let verb = text.split_whitespace().next().unwrap_or_default();
    ["BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(verb))
}

fn failure(error: &Error) -> Failure<'_> {
    let (kind, expected) = match error {
        Error::NotFound => ("row_not_found", true),
        Error::DatabaseError(kind, _) => match kind {
            DatabaseErrorKind::UniqueViolation => ("unique_violation", true),
            DatabaseErrorKind::ForeignKeyViolation => ("foreign_key_violation", true),
            DatabaseErrorKind::NotNullViolation => ("not_null_violation", true),
            DatabaseErrorKind::CheckViolation => ("check_violation", true),
            DatabaseErrorKind::SerializationFailure => ("serialization_failure", false),
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => ("io", false),
            _ => ("database", false),
        },
        _ => ("other", false),
    };
    let mut failure = Failure::of(error).kind(kind).expected(expected);
    if let Error::DatabaseError(_, told) = error
        && let Some(constraint) = told.constraint_name()
    {
        failure = failure.constraint(constraint);
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_bound_is_cut() {
        let text = |query: &str| without_binds(&query);
        assert_eq!(text("SELECT ? -- binds: [\"bob\"]").as_deref(), Some("SELECT ?"));
        assert_eq!(text("SELECT 'a -- binds: b', ? -- binds: [\"bob\"]").as_deref(), Some("SELECT 'a"));
        assert_eq!(text("BEGIN").as_deref(), Some("BEGIN"));
    }

    #[test]
    fn what_is_bound_is_not_even_written() {
        struct Query;
        impl Display for Query {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("SELECT ü, ? -")?;
                f.write_str("- binds: ")?;
                unreachable!("nobody wants to know")
            }
        }
        assert_eq!(without_binds(&Query).as_deref(), Some("SELECT ü, ?"));
        struct Unwritable;
        impl Display for Unwritable {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Err(fmt::Error)
            }
        }
        assert_eq!(without_binds(&Unwritable), None);
    }

    #[test]
    fn boundaries_of_transactions() {
        assert!(is_boundary("BEGIN") && is_boundary("ROLLBACK TO SAVEPOINT diesel_savepoint_1"));
        assert!(!is_boundary("SELECT 'BEGIN'"));
    }
}
