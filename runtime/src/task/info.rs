//! What a task says of its run, from expressions over the function's own arguments.

use std::fmt::Display;
use std::sync::Arc;
use std::time::SystemTime;

use super::{Baggage, TraceHeaders};
use crate::TraceParent;

/// What is known of a run before it begins.
#[derive(Debug, Default)]
pub(crate) struct Info {
    pub(super) id: Option<String>,
    pub(super) attempt: Option<u64>,
    pub(super) max_attempts: Option<u64>,
    pub(super) enqueued_at: Option<SystemTime>,
    pub(super) lost: u64,
    pub(crate) parent: Option<TraceParent>,
    pub(crate) baggage: Option<Arc<Baggage>>,
}

/// What the macros hand to a task's expressions.
#[derive(Debug, Default)]
pub struct TaskInfo(pub(crate) Info);

impl TaskInfo {
    /// The message's or job's id.
    pub fn id(&mut self, id: impl Display) {
        self.0.id = Some(id.to_string());
    }
    /// The attempt, from 1.
    pub fn attempt(&mut self, attempt: impl Count) {
        self.0.attempt = attempt.count();
    }
    /// How many attempts there will be at most.
    pub fn max_attempts(&mut self, max: impl Count) {
        self.0.max_attempts = max.count();
    }
    /// When the job was put into the queue; without it the trace headers tell.
    pub fn enqueued_at(&mut self, at: Option<SystemTime>) {
        self.0.enqueued_at = at.or(self.0.enqueued_at);
    }
    /// How many attempts before this one ended without a word: their workers were killed.
    pub fn lost(&mut self, lost: impl Count) {
        self.0.lost = lost.count().unwrap_or_default();
    }
    /// The producer's trace.
    pub fn trace<T: IntoTrace + ?Sized>(&mut self, trace: &T) {
        let Some(headers) = trace.headers() else { return };
        self.0.parent = headers.parent();
        self.0.baggage = self.0.parent.map(|_| Arc::new(headers.baggage()));
        self.0.enqueued_at = self.0.enqueued_at.or_else(|| headers.enqueued_at());
    }
}

/// A number of attempts: any whole number, optional or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not count attempts",
    label = "not a whole number",
    note = "`attempt`, `max_attempts` and `lost` take integers, or options of them"
)]
pub trait Count: Copy {
    /// The number, if there is one that fits.
    fn count(self) -> Option<u64>;
}
macro_rules! counts {
    ($($t:ty),*) => { $(impl Count for $t { fn count(self) -> Option<u64> { u64::try_from(self).ok() } })* };
}
counts!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);
impl<T: Count> Count for Option<T> {
    fn count(self) -> Option<u64> {
        self.and_then(Count::count)
    }
}
#[diagnostic::do_not_recommend]
impl<T: Count> Count for &T {
    fn count(self) -> Option<u64> {
        (*self).count()
    }
}

/// Trace headers by reference, optional or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no trace",
    label = "not `TraceHeaders`",
    note = "`trace` takes `watchpost::TraceHeaders` or an option of them"
)]
pub trait IntoTrace {
    /// The headers, if there are any.
    fn headers(&self) -> Option<&TraceHeaders>;
}
impl IntoTrace for TraceHeaders {
    fn headers(&self) -> Option<&TraceHeaders> {
        Some(self)
    }
}
impl<T: IntoTrace> IntoTrace for Option<T> {
    fn headers(&self) -> Option<&TraceHeaders> {
        self.as_ref().and_then(IntoTrace::headers)
    }
}
impl<T: IntoTrace + ?Sized> IntoTrace for &T {
    fn headers(&self) -> Option<&TraceHeaders> {
        (**self).headers()
    }
}
