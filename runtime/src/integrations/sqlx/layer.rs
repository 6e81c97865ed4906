//! A layer of tracing, for libraries that have a pool of their own.

use std::fmt;
use std::time::Duration;

use tracing_core::field::{Field, Visit};
use tracing_core::{Event, LevelFilter, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, filter_fn};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::executor::ORIGIN;
use super::marker;
use crate::sql::{self, Limits};

/// The target of the events that sqlx makes of statements.
const TARGET: &str = "sqlx::query";
/// How sqlx names the threads that SQLite runs on.
const SQLITE_THREAD: &str = "sqlx-sqlite-worker";

/// A layer that makes spans of the statements that libraries run: a job queue, an ORM, migrations. For one's own statements
/// [`MonitoredPool`](super::MonitoredPool) tells more; what it has told is not told again here.
///
/// sqlx tells of statements by events of the level DEBUG (WARN for slow ones): a filter for all layers that leaves out
/// `sqlx::query=debug` leaves out these spans, and so does `ConnectOptions::log_statements(Off)`. An event tells of no error.
///
/// SQLite runs on threads of its own, from where nobody can tell which task a statement belongs to: its statements are left out, as
/// long as the threads have the names that sqlx gives them.
///
/// ```no_run
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// let subscriber = tracing_subscriber::registry().with(watchpost::sqlx::layer());
/// # let _ = subscriber;
/// ```
pub fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    SqlxLayer::new().filtered()
}

/// What [`layer`] gives, with settings.
///
/// ```no_run
/// use tracing_subscriber::layer::SubscriberExt as _;
/// use watchpost::sql::Database;
/// use watchpost::sqlx::SqlxLayer;
///
/// let layer = SqlxLayer::new().database(Database::new("postgresql").namespace("jobs"));
/// let subscriber = tracing_subscriber::registry().with(layer.filtered());
/// # let _ = subscriber;
/// ```
#[derive(Debug, Clone, Default)]
pub struct SqlxLayer {
    database: sql::Database,
    limits: Limits,
}

impl SqlxLayer {
    /// Nothing is known of the database, and the limits are the usual ones.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which database it is: events do not say.
    #[must_use]
    pub fn database(mut self, database: sql::Database) -> Self {
        self.database = database;
        self
    }

    /// From where on a statement is slow.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The layer, that sees nothing but what it is for.
    pub fn filtered<S>(self) -> impl Layer<S>
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let only: FilterFn =
            filter_fn(is_statement as fn(&Metadata<'_>) -> bool).with_max_level_hint(LevelFilter::DEBUG);
        self.with_filter(only)
    }
}

fn is_statement(metadata: &Metadata<'_>) -> bool {
    metadata.target() == TARGET
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for SqlxLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let is_foreign = || std::thread::current().name().is_some_and(|name| name.starts_with(SQLITE_THREAD));
        if !is_statement(event.metadata()) || marker::is_within() || is_foreign() {
            return;
        }
        let mut told = Told::default();
        event.record(&mut told);
        let statement = sql::statement(told.text()).database(&self.database).limits(self.limits);
        statement.origin(ORIGIN).made_at(None).returned(told.rows).record(told.took, Ok(()));
    }
}

/// What an event tells.
#[derive(Default)]
struct Told {
    summary: String,
    statement: String,
    rows: u64,
    took: Duration,
}

impl Told {
    /// sqlx repeats no statement of up to four words.
    fn text(&self) -> &str {
        if self.statement.trim().is_empty() { &self.summary } else { &self.statement }
    }
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_returned" {
            self.rows = value;
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.took = Duration::try_from_secs_f64(value).unwrap_or_default();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
