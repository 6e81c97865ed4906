//! Statements of SQL, whatever driver they go through: what [`sqlx`](crate::sqlx) and [`diesel`](crate::diesel) build on, for the
//! drivers that have no integration of their own.
//!
//! A statement becomes a span `db.query` that is named by its text without literals (never with values that are bound to it), a
//! breadcrumb, an event of category `database` if it failed in a way that programs do not count on, and an event "Slow query" if it
//! took longer than a second; at most once a minute and statement.
//!
//! With `tokio-postgres`, around the call:
//! ```
//! # async fn query() -> Result<Vec<u8>, std::io::Error> { Ok(vec![]) }
//! # async fn f() -> Result<(), std::io::Error> {
//! let sql = "SELECT name FROM barbers WHERE shop = $1";
//! let rows = watchpost::sql::statement(sql).instrument(query(/* client.query(sql, &[&shop]) */)).await?;
//! # Ok(())
//! # }
//! ```
//! With `rusqlite` and its feature `trace`, once a connection:
//! ```ignore
//! connection.trace_v2(
//!     TraceEventCodes::SQLITE_TRACE_PROFILE,
//!     Some(|event: TraceEvent<'_>| {
//!         if let TraceEvent::Profile(statement, took) = event {
//!             // The placeholders' text, not what is bound to them. SQLite tells of no error here.
//!             watchpost::observe_sql(&statement.sql(), took, None);
//!         }
//!     }),
//! )?;
//! ```

mod database;
mod failure;
mod observed;
mod slow;
mod words;

use std::error::Error;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

pub use database::Database;
pub use failure::Failure;
pub use observed::{Observed, is_listened_to};
pub use slow::Limits;

use crate::SpanBuilder;
use crate::capture::Reportable;
use observed::What;

/// How many characters of a statement stand in a breadcrumb, and in a message.
const IN_CRUMB: usize = 200;
/// How many stand in an event.
const IN_EVENT: usize = 500;

/// Tells of a statement that is over: what a driver's hook knows. An error is reported, once, as [`capture_error`](crate::capture_error)
/// does; where errors are of interest that programs count on, [`statement()`] takes a [`Failure`] that says so.
///
/// ```
/// use std::time::Duration;
///
/// watchpost::observe_sql("SELECT name FROM barbers WHERE id = ?1", Duration::from_millis(3), None);
/// ```
pub fn observe_sql(text: &str, took: Duration, error: Option<&(dyn Error + 'static)>) {
    statement(text).record(took, error.map_or(Ok(()), |error| Err(Failure::of(error))));
}

/// A statement about to be run; its text may have literals, which are left out.
#[track_caller]
pub fn statement(text: &str) -> Statement<'_> {
    Statement {
        text,
        database: Database::default(),
        limits: Limits::default(),
        op: "db.query",
        origin: "auto.db.sql",
        rows: None,
        at: Some(Location::caller()),
    }
}

/// A statement about to be run; see [`statement()`].
#[derive(Debug, Clone)]
#[must_use = "a statement is observed by `run`, `instrument`, `record` or `begin`"]
pub struct Statement<'s> {
    text: &'s str,
    database: Database,
    limits: Limits,
    op: &'static str,
    origin: &'static str,
    rows: Option<u64>,
    at: Option<&'static Location<'static>>,
}

impl Statement<'_> {
    /// Which database it goes to.
    pub fn database(mut self, database: &Database) -> Self {
        self.database = database.clone();
        self
    }

    /// From where on it is slow.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What is done, where it is no `db.query`: the `db.transaction` of a `COMMIT`.
    pub fn op(mut self, op: &'static str) -> Self {
        self.op = op;
        self
    }

    /// How many rows came, where that is known.
    pub fn returned(mut self, rows: u64) -> Self {
        self.rows = Some(rows);
        self
    }

    /// Who observes it, by Sentry's convention: `auto.db.sqlx`.
    pub fn origin(mut self, origin: &'static str) -> Self {
        self.origin = origin;
        self
    }

    /// Where in the program it is made, told of statements that fail or take more than 100 ms; none where that is not known. Where
    /// [`statement()`] is called, unless set.
    pub fn made_at(mut self, at: Option<&'static Location<'static>>) -> Self {
        self.at = at;
        self
    }

    /// Runs a call of the driver. Its error is reported, once.
    pub fn run<T, E: Reportable<By>, By>(self, call: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let (span, mut observed) = self.begin();
        span.run(|| {
            observed.start();
            let out = call();
            observed.end(out.as_ref().map(|_| ()).map_err(Failure::of));
            out
        })
    }

    /// Awaits a call of the driver. Its error is reported, once.
    pub fn instrument<T, E: Reportable<By>, By>(
        self,
        call: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        let (span, mut observed) = self.begin();
        span.instrument(async move {
            observed.start();
            let out = call.await;
            observed.end(out.as_ref().map(|_| ()).map_err(Failure::of));
            out
        })
    }

    /// Tells of a statement that is over.
    pub fn record(self, took: Duration, outcome: Result<(), Failure<'_>>) {
        if is_listened_to() {
            self.what().record(took, outcome);
        }
    }

    /// For wrappers of drivers: the span, and what must be told inside of it. Neither has begun yet.
    ///
    /// ```
    /// # async fn fetch() -> Result<Option<u8>, std::io::Error> { Ok(None) }
    /// # async fn f() -> Result<Option<u8>, std::io::Error> {
    /// use watchpost::sql::Failure;
    ///
    /// let (span, mut observed) = watchpost::sql::statement("SELECT 1").begin();
    /// span.instrument(async move {
    ///     observed.start();
    ///     let row = fetch().await;
    ///     match &row {
    ///         Ok(Some(_)) => observed.row(),
    ///         Ok(None) => observed.no_row(),
    ///         Err(_) => {}
    ///     }
    ///     observed.end(row.as_ref().map(|_| ()).map_err(Failure::of));
    ///     row
    /// })
    /// .await
    /// # }
    /// ```
    pub fn begin(self) -> (SpanBuilder, Observed) {
        if !is_listened_to() {
            return (crate::span("", "").only_as_child(), Observed::NONE);
        }
        let what = self.what();
        (what.span(), Observed::new(what))
    }

    fn what(self) -> What {
        let Self { text, database, limits, op, origin, rows, at } = self;
        What { words: words::Words::of(text), database, limits, op, origin, rows, at }
    }
}
