//! A statement under way.

use std::panic::Location;
use std::time::{Duration, Instant};

use sentry_core::Hub;

use super::slow::{self, millis};
use super::words::{Words, cut};
use super::{Database, Failure, IN_CRUMB, Limits};
use crate::{Breadcrumb, Level, SpanBuilder, SpanStatus, ToValue, add_breadcrumb, current_span, span};

/// From here on a span says where in the program its statement was made.
const TELLS_SOURCE: Duration = Duration::from_millis(100);

/// A statement under way, for wrappers of drivers; see [`Statement::begin`](super::Statement::begin). One that is dropped without having
/// ended was cancelled.
#[derive(Debug)]
#[must_use = "a statement that is dropped counts as cancelled"]
pub struct Observed(Option<Box<Under>>);

#[derive(Debug)]
struct Under {
    what: What,
    started: Option<Instant>,
    first_row: Option<Duration>,
    /// Not the driver's time.
    set_aside: Duration,
}

/// What does not change while it is under way.
#[derive(Debug)]
pub(super) struct What {
    pub(super) words: Words,
    pub(super) database: Database,
    pub(super) limits: Limits,
    pub(super) op: &'static str,
    pub(super) origin: &'static str,
    /// How many rows came, of a statement that is over.
    pub(super) rows: Option<u64>,
    pub(super) at: Option<&'static Location<'static>>,
}

/// How a statement ended.
enum End<'e> {
    Well,
    Failed(Failure<'e>),
    Cancelled,
}

impl Observed {
    /// Nobody listens.
    pub(super) const NONE: Self = Self(None);

    pub(super) fn new(what: What) -> Self {
        Self(Some(Box::new(Under { what, started: None, first_row: None, set_aside: Duration::ZERO })))
    }

    /// The driver begins its work: inside of the span.
    pub fn start(&mut self) {
        if let Some(under) = &mut self.0 {
            let span = current_span();
            if span.is_recorded() {
                under.what.describe(|key, value| span.set_field(key, value));
            }
            under.started = Some(Instant::now());
        }
    }

    /// A row came.
    pub fn row(&mut self) {
        if let Some(under) = &mut self.0 {
            if under.first_row.is_none() {
                under.first_row = under.started.map(|started| started.elapsed());
            }
            *under.what.rows.get_or_insert(0) += 1;
        }
    }

    /// No row comes, where rows could have.
    pub fn no_row(&mut self) {
        if let Some(under) = &mut self.0 {
            // Of a statement that changes something, nobody expects rows.
            if under.what.words.operation.as_deref() == Some("SELECT") {
                under.what.rows.get_or_insert(0);
            }
        }
    }

    /// Awaits something that is not the driver's doing: what takes the rows. It does not make the statement slow.
    pub async fn set_aside<T>(&mut self, other: impl Future<Output = T>) -> T {
        let Some(under) = &mut self.0 else { return other.await };
        let since = Instant::now();
        let out = other.await;
        under.set_aside += since.elapsed();
        out
    }

    /// It has ended: inside of the span, still.
    pub fn end(mut self, outcome: Result<(), Failure<'_>>) {
        if let Some(under) = self.0.take() {
            under.end(outcome.map_or_else(End::Failed, |()| End::Well));
        }
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        // One that never began is not told of. A driver that panicked is told of by its panic.
        if let Some(under) = self.0.take().filter(|under| under.started.is_some() && !std::thread::panicking()) {
            under.end(End::Cancelled);
        }
    }
}

impl Under {
    fn end(self, end: End<'_>) {
        let took = self.started.map(|started| started.elapsed()).unwrap_or_default().saturating_sub(self.set_aside);
        let span = current_span();
        if let End::Failed(failure) = &end {
            span.set_status(failure.status());
        }
        if span.is_recorded() {
            if let Some(first) = self.first_row {
                span.set_field("db.response.first_row_ms", millis(first));
            }
            self.what.details(took, &end, |key, value| span.set_field(key, value));
        }
        self.what.tell(took, end);
    }
}

impl What {
    /// The span of the statement, under its name.
    pub(super) fn span(&self) -> SpanBuilder {
        span(self.op, self.words.text.clone()).only_as_child().origin(self.origin)
    }

    /// What is said of every statement.
    fn describe(&self, mut field: impl FnMut(&'static str, &dyn ToValue)) {
        self.database.each(&mut field);
        if let Some(operation) = &self.words.operation {
            field("db.operation.name", operation);
        }
        if let Some(collection) = &self.words.collection {
            field("db.collection.name", collection);
        }
        if !self.words.summary.is_empty() {
            field("db.query.summary", &self.words.summary);
        }
    }

    /// What is said of a statement that failed, or took its time.
    fn details(&self, took: Duration, end: &End<'_>, mut field: impl FnMut(&'static str, &dyn ToValue)) {
        if let Some(rows) = self.rows {
            field("db.response.returned_rows", &rows);
        }
        if let End::Failed(failure) = end {
            failure.told().for_each(|(key, value)| field(key, &value));
        }
        if self.limits.is_slow(took) {
            field("slow", &true);
        }
        if let Some(at) = self.at
            && (took >= TELLS_SOURCE || !matches!(end, End::Well))
        {
            field("code.file.path", &at.file());
            field("code.line.number", &at.line());
        }
    }

    /// A statement that is over.
    pub(super) fn record(&self, took: Duration, outcome: Result<(), Failure<'_>>) {
        let end = outcome.map_or_else(End::Failed, |()| End::Well);
        let status = if let End::Failed(failure) = &end { failure.status() } else { SpanStatus::Ok };
        let mut fields = Vec::new();
        self.describe(|key, value| fields.push((key, value.to_value())));
        self.details(took, &end, |key, value| fields.push((key, value.to_value())));
        let span = fields.into_iter().fold(self.span(), |span, (key, value)| span.field(key, value));
        span.record(took, status);
        self.tell(took, end);
    }

    /// What is left beside the span: a breadcrumb, and events.
    fn tell(&self, took: Duration, end: End<'_>) {
        self.leave_crumb(took, &end);
        if let End::Failed(failure) = end {
            failure.report_of(&self.database, &self.words.text);
        }
        slow::tell(&self.words.text, &self.database, took, self.limits);
    }

    fn leave_crumb(&self, took: Duration, end: &End<'_>) {
        add_breadcrumb(|| {
            let mut crumb = Breadcrumb {
                ty: "query".into(),
                category: Some("query".into()),
                message: Some(cut(&self.words.text, IN_CRUMB).into_owned()),
                level: if matches!(end, End::Failed(_)) { Level::Warning } else { Level::Info },
                ..Breadcrumb::default()
            };
            let data = &mut crumb.data;
            data.insert("duration_ms".into(), millis(took).into());
            if let Some(rows) = self.rows {
                data.insert("rows".into(), rows.into());
            }
            match end {
                End::Well => {}
                End::Failed(failure) => {
                    data.extend(failure.told().map(|(key, value)| (key.to_owned(), value.into())));
                }
                End::Cancelled => {
                    data.insert("cancelled".into(), true.into());
                }
            }
            crumb
        });
    }
}

/// Whether a client is there to hear of anything: else a wrapper may hand a statement on as it is.
pub fn is_listened_to() -> bool {
    Hub::with_active(|_| true)
}
