//! Tasks that no attribute can stand on: what adapters of job frameworks and closures are made of.

use std::borrow::Cow;
use std::fmt::Display;
use std::future::Future;
use std::time::SystemTime;

use super::info::{Count, IntoTrace, TaskInfo};
use super::run::Run;
use crate::capture::Reportable;
use crate::capture::told::Told;
use crate::capture::values::{Values, Words};
use crate::site::{Kind, Report, TaskSite};
use crate::span::{self, Call, End, Start, Watch, Watching};
use crate::{CallSite, Classify, Policy, Retry, ToValue};

/// The site of all tasks that were built at run time; their name, queue and report are the run's.
static BUILT: CallSite = CallSite::new(Kind::TASK, "task", "", "", "", 0).with_task(&TaskSite {
    queue: None,
    report: Report::LastAttempt,
    cron: None,
});

/// The operation of a task that is taken from a queue, by Sentry's
/// [queue conventions](https://develop.sentry.dev/sdk/telemetry/traces/modules/queues/).
const PROCESS: &str = "queue.process";

/// One run of a task, where `#[monitored_task]` cannot stand: in the middleware of a job framework, around a closure of a scheduler,
/// for jobs whose names are known at run time only.
///
/// What it makes of the run is what the attribute makes of it: a transaction of its own in a scope of its own, the queue's data, the tags
/// `task.name` and `task.status`, the metrics `task.duration` and `task.completed`, earlier attempts quiet and the last one an
/// event.
///
/// ```
/// # async fn send(to: &str) -> Result<(), std::io::Error> { Ok(()) }
/// # async fn example(id: u64, attempt: u32, trace: watchpost::TraceHeaders) -> Result<(), std::io::Error> {
/// watchpost::task("send_email")
///     .queue("notifications")
///     .id(id)
///     .attempt(attempt)
///     .max_attempts(5)
///     .trace(&trace)
///     .instrument_result(send("alice"))
///     .await
/// # }
/// ```
///
/// `name` is the transaction's and the tag's: at most 200 characters, and few different ones.
pub fn task(name: impl Into<Cow<'static, str>>) -> TaskBuilder {
    TaskBuilder {
        name: name.into(),
        queue: None,
        report: Report::LastAttempt,
        category: None,
        info: TaskInfo::default(),
        values: Values::default(),
    }
}

/// A run of a task about to begin; see [`task()`].
#[derive(Debug)]
#[must_use = "a task begins with `run` or `instrument`"]
pub struct TaskBuilder {
    name: Cow<'static, str>,
    queue: Option<Cow<'static, str>>,
    report: Report,
    category: Option<Cow<'static, str>>,
    info: TaskInfo,
    values: Values,
}

impl TaskBuilder {
    /// The queue that the job was taken from (`messaging.destination.name`). It makes the operation `queue.process`; without it the
    /// operation is `task`.
    pub fn queue(mut self, queue: impl Into<Cow<'static, str>>) -> Self {
        self.queue = Some(queue.into());
        self
    }

    /// The job's or message's id (`messaging.message.id`). Attempts of one job are told together by it.
    pub fn id(mut self, id: impl Display) -> Self {
        self.info.id(id);
        self
    }

    /// The attempt, counted from 1; any whole number, optional or not.
    pub fn attempt(mut self, attempt: impl Count) -> Self {
        self.info.attempt(attempt);
        self
    }

    /// How many attempts there will be at most. With it, failures of earlier attempts are breadcrumbs of the last one's event.
    pub fn max_attempts(mut self, max: impl Count) -> Self {
        self.info.max_attempts(max);
        self
    }

    /// How many attempts before this one ended without a word, as the queue can tell: their workers were killed. An event says so, and
    /// the metric `task.lost`.
    pub fn lost(mut self, lost: impl Count) -> Self {
        self.info.lost(lost);
        self
    }

    /// When the job was put into the queue; without it the trace headers tell. From it comes `messaging.message.receive.latency`.
    pub fn enqueued_at(mut self, at: impl Into<Option<SystemTime>>) -> Self {
        self.info.enqueued_at(at.into());
        self
    }

    /// The producer's trace, which the run continues: [`TraceHeaders`](crate::TraceHeaders), optional or not.
    pub fn trace(mut self, trace: &(impl IntoTrace + ?Sized)) -> Self {
        self.info.trace(trace);
        self
    }

    /// The category of the task's errors, where their type names none; `task` where nothing is said.
    pub fn category(mut self, category: impl Into<Cow<'static, str>>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// Every failed attempt is an event, not the last one alone.
    pub fn every_attempt(mut self) -> Self {
        self.report = Report::EveryAttempt;
        self
    }

    /// A field of the transaction, and of the context of its errors.
    pub fn field(mut self, key: impl Into<Cow<'static, str>>, value: impl ToValue) -> Self {
        self.values.fields.push((key.into(), value.to_value()));
        self
    }

    /// Runs `f` as the task. It is `ok` unless it panics.
    pub fn run<R>(self, f: impl FnOnce() -> R) -> R {
        let (_, start) = self.start();
        let _call = span::enter_task(&BUILT, Some(start));
        f()
    }

    /// As [`run`](Self::run); an `Err` is a failure of the task, and reported as one.
    ///
    /// # Errors
    /// What `f` returns, untouched.
    pub fn run_result<T, E: Reportable<By>, By>(self, f: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let (category, start) = self.start();
        let call = span::enter_task(&BUILT, Some(start));
        let out = f();
        judge(call, &out, category, |out| out.as_ref().err().map(Failure::of));
        out
    }

    /// Wraps a future: the run begins with its first poll and ends when it is ready. Dropped before, it was `cancelled`.
    pub fn instrument<F: Future>(self, future: F) -> Watch<F, impl FnOnce(Call, &F::Output)> {
        self.instrument_by(future, |_| None)
    }

    /// As [`instrument`](Self::instrument); an `Err` is a failure of the task, and reported as one.
    pub fn instrument_result<F, T, E, By>(self, future: F) -> Watch<F, impl FnOnce(Call, &F::Output) + use<F, T, E, By>>
    where
        F: Future<Output = Result<T, E>>,
        E: Reportable<By>,
    {
        self.instrument_by(future, |out: &Result<T, E>| out.as_ref().err().map(Failure::of))
    }

    /// As [`instrument`](Self::instrument), where the outcome is no `Result` or there is more to say of an error: `failed` is asked once the
    /// future is ready, if the run is recorded.
    ///
    /// ```
    /// use watchpost::task::Failure;
    ///
    /// # enum Outcome { Done, GaveUp(std::io::Error) }
    /// # async fn work() -> Outcome { Outcome::Done }
    /// # async fn example() {
    /// watchpost::task("work")
    ///     .attempt(1)
    ///     .max_attempts(3)
    ///     .instrument_by(work(), |out| match out {
    ///         Outcome::Done => None,
    ///         Outcome::GaveUp(err) => Some(Failure::of(err).last()),
    ///     })
    ///     .await;
    /// # }
    /// ```
    pub fn instrument_by<F: Future, J>(
        self,
        future: F,
        failed: J,
    ) -> Watch<F, impl FnOnce(Call, &F::Output) + use<F, J>>
    where
        J: FnOnce(&F::Output) -> Option<Failure<'_>>,
    {
        let (category, start) = self.start();
        let observe = move |call: Call, out: &F::Output| judge(call, out, category, failed);
        Watch::new(Watching::new(&BUILT, observe).with(Some(start)), future)
    }

    fn start(self) -> (Option<Cow<'static, str>>, Box<Start>) {
        let Self { name, queue, report, category, info, values } = self;
        let info = info.0;
        let (parent, baggage) = (info.parent, info.baggage.clone());
        let op = if queue.is_some() { PROCESS } else { BUILT.op() };
        let mut run = Run::named(&BUILT, name.clone(), info);
        (run.queue, run.report) = (queue, report);
        let mut start = Start::of_run(Some(Box::new(run)), parent, baggage);
        start.values.absorb(values);
        (start.name, start.op) = (Some(name), Some(op.into()));
        (category, Box::new(start))
    }
}

/// Why a run of a task counts as failed; see [`TaskBuilder::instrument_by`].
pub struct Failure<'a> {
    told: Told<'a>,
    policy: Option<&'a dyn Classify>,
    last: bool,
}

impl std::fmt::Debug for Failure<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Failure").field("told", &self.told).field("last", &self.last).finish_non_exhaustive()
    }
}

impl<'a> Failure<'a> {
    /// Because of this error: what [`capture_error`](crate::capture_error) takes.
    pub fn of<E: Reportable<By> + ?Sized, By>(err: &'a E) -> Self {
        Self { told: err.told(), policy: None, last: false }
    }

    /// The error's own words about how it is to be treated, where its type is not known to the compiler.
    #[must_use]
    pub fn classified(mut self, policy: &'a dyn Classify) -> Self {
        self.policy = Some(policy);
        self
    }

    /// There will be no other attempt, whatever `max_attempts` says.
    #[must_use]
    pub fn last(mut self) -> Self {
        self.last = true;
        self
    }
}

/// The words of an error after which there is no other attempt.
struct Last<'a>(Option<&'a dyn Classify>);

impl Classify for Last<'_> {
    fn classify(&self) -> Policy {
        let policy = self.0.map(Classify::classify).unwrap_or_default();
        Policy { retry: Some(Retry::Never), ..policy }
    }
}

/// Ends the run by its outcome.
fn judge<R>(
    call: Call,
    out: &R,
    mut category: Option<Cow<'static, str>>,
    failed: impl FnOnce(&R) -> Option<Failure<'_>>,
) {
    if !call.is_open() {
        return;
    }
    match failed(out) {
        None => call.end(End::Ok),
        Some(Failure { told, policy, last }) => {
            let mut say = |words: &mut Words| words.category = category.take();
            let last = last.then_some(Last(policy));
            let told = match (&last, policy) {
                (Some(last), _) => told.classified(last),
                (None, Some(policy)) => told.classified(policy),
                (None, None) => told,
            };
            span::failed(call, &told, Some(&mut say));
        }
    }
}
