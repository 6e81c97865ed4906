//! The layer around each attempt.

use std::borrow::Cow;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use apalis_core::error::{AbortError, BoxDynError, DeferredError, RetryAfterError};
use apalis_core::task::Task;
use tower_layer::Layer;
use tower_service::Service;

use crate::task::{Failure, TaskBuilder, task};
use crate::{Classify, TraceHeaders};

/// Finds the handler's error behind a `dyn Error`.
type Known = for<'a> fn(&'a (dyn Error + 'static)) -> Option<Failure<'a>>;

/// Watches each attempt of a worker's jobs; see the [module](crate::apalis).
#[derive(Debug, Clone)]
pub struct MonitorLayer {
    name: Cow<'static, str>,
    queue: Option<Cow<'static, str>>,
    category: Option<Cow<'static, str>>,
    max_attempts: Option<usize>,
    known: Option<Known>,
}

impl MonitorLayer {
    /// For the jobs of this name: the transaction's and the tag `task.name`.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), queue: None, category: None, max_attempts: None, known: None }
    }

    /// The queue's name, where the backend tells none or one that says little.
    #[must_use]
    pub fn queue(mut self, queue: impl Into<Cow<'static, str>>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// How many attempts there are at most: one more than a `RetryPolicy` has retries. Without it the job's own limit counts, which
    /// backends set to 25 where the producer says nothing.
    #[must_use]
    pub fn max_attempts(mut self, max: usize) -> Self {
        self.max_attempts = Some(max);
        self
    }

    /// The category of the jobs' errors, where their type names none; `task` where nothing is said.
    #[must_use]
    pub fn category(mut self, category: impl Into<Cow<'static, str>>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// The handler's error type: apalis hands errors on as boxes, of which only the variant's name can be told otherwise.
    #[must_use]
    pub fn error<E: Error + 'static>(mut self) -> Self {
        self.known = Some(|err| err.downcast_ref::<E>().map(|err| Failure::of(err)));
        self
    }

    /// As [`error`](Self::error), for a type that says how its errors are to be treated: category, level, what is to be ignored. A job
    /// whose error says `retry = "never"` is reported at once.
    #[must_use]
    pub fn classify<E: Error + Classify + 'static>(mut self) -> Self {
        self.known = Some(|err| err.downcast_ref::<E>().map(|err| Failure::of(err).classified(err)));
        self
    }

    fn task<Args>(&self, job: &Task<Args>) -> TaskBuilder {
        let queue = self.queue.clone().or_else(|| job.queue().map(|queue| Cow::Owned(queue.to_string())));
        // Seen from a layer the attempt has not begun: it is counted when the handler is polled.
        let mut task = task(self.name.clone())
            .queue(queue.unwrap_or_else(|| self.name.clone()))
            .attempt(job.attempt() + 1)
            .max_attempts(self.max_attempts.or(job.max_attempts()))
            .trace(&TraceHeaders::from_pairs(job.metadata().iter()));
        if let Some(id) = job.task_id() {
            task = task.id(id);
        }
        if let Some(category) = &self.category {
            task = task.category(category.clone());
        }
        task
    }
}

impl<S> Layer<S> for MonitorLayer {
    type Service = MonitorService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        MonitorService { inner, layer: self.clone() }
    }
}

/// A worker's service below [`MonitorLayer`].
#[derive(Debug, Clone)]
pub struct MonitorService<S> {
    inner: S,
    layer: MonitorLayer,
}

impl<S, Args, R> Service<Task<Args>> for MonitorService<S>
where
    S: Service<Task<Args>, Response = R, Error = BoxDynError>,
    S::Future: Send + 'static,
    R: 'static,
{
    type Response = R;
    type Error = BoxDynError;
    type Future = Pin<Box<dyn Future<Output = Result<R, BoxDynError>> + Send>>;

    fn poll_ready(&mut self, waking: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(waking)
    }

    fn call(&mut self, job: Task<Args>) -> Self::Future {
        let task = self.layer.task(&job);
        let known = self.layer.known;
        let attempt = self.inner.call(job);
        Box::pin(task.instrument_by(attempt, move |out| out.as_ref().err().map(|err| failure(err, known))))
    }
}

/// The handler's own error, out of what apalis wraps it in to be told what to do next.
fn failure<'a>(err: &'a BoxDynError, known: Option<Known>) -> Failure<'a> {
    let outer: &(dyn Error + 'static) = &**err;
    let aborts = outer.is::<AbortError>();
    let wraps = aborts || outer.is::<RetryAfterError>() || outer.is::<DeferredError>();
    let own = outer.source().filter(|_| wraps).unwrap_or(outer);
    let failure = known.and_then(|known| known(own)).unwrap_or_else(|| Failure::of(own));
    if aborts { failure.last() } else { failure }
}

#[cfg(test)]
mod tests {
    use super::super::TraceMetadata;
    use super::*;

    #[test]
    fn the_jobs_metadata_carry_the_trace() {
        let trace = TraceHeaders::from_pairs([("sentry-trace", "771a43a4192642f0b136d5159a501700-7c51afd529da4a2a-1")]);
        let job = apalis_core::task::builder::TaskBuilder::new(1).metadata(&TraceMetadata::from(trace.clone())).build();
        assert_eq!(job.metadata().extract_as::<TraceMetadata>().unwrap().headers(), &trace);
    }
}
