//! Spans built at run time, where no annotation fits.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sentry_core::protocol::SpanStatus;

use super::call::{self, Call, End, Exit};
use super::frame::Frame;
use super::root::{Asked, ORIGIN_KEY, SOURCE_CUSTOM};
use super::state::{self, Mode, Wanted};
use super::watch::{Start, Watch, Watching};
use super::{begin, hubs};
use crate::site::Kind;
use crate::{CallSite, ToValue, TraceHeaders, TraceParent};

/// The site of all spans that were built at run time.
pub(super) static BUILT: CallSite = CallSite::new(Kind::SPAN, "span", "", "", "", 0);

/// A span around a piece of code that is no function of its own. Below the current span; a transaction where there is none.
///
/// `op` is an operation of sentry's list (`db.query`, `http.client`, `function` ..), at most 128 characters; `name` says what is
/// done, with few different values.
///
/// ```
/// let sum = watchpost::span("function", "sum up").field("rows", 2).run(|| 1 + 1);
/// assert_eq!(sum, 2);
/// ```
#[track_caller]
pub fn span(op: impl Into<Cow<'static, str>>, name: impl Into<Cow<'static, str>>) -> SpanBuilder {
    SpanBuilder { start: Box::new(Start { name: Some(name.into()), op: Some(op.into()), ..Start::default() }) }
}

/// As [`span()`], but always a transaction of its own: in the current trace if there is one.
#[track_caller]
pub fn transaction(op: impl Into<Cow<'static, str>>, name: impl Into<Cow<'static, str>>) -> SpanBuilder {
    let mut builder = span(op, name);
    builder.start.own = true;
    builder
}

/// Whether a span that begins here may be recorded. For integrations, which would put together a name and fields for nothing
/// where it is not: without a client, and in a trace that is not sampled and of which errors tell no times.
///
/// ```
/// // There is no client here.
/// assert!(!watchpost::span::is_wanted());
/// ```
pub fn is_wanted() -> bool {
    let traces = || state::wanted() == Wanted::Traces;
    match state::mode() {
        // Of a call in a trace that is not sampled an error may tell the times.
        Mode::Sampled | Mode::Noted => true,
        Mode::Muted => false,
        // Something of the SDK's may be open.
        Mode::Idle => traces() && state::has_hub() && sentry_core::Hub::with_active(|_| true),
        Mode::Errors | Mode::Unsampled => traces() && state::with(hubs::other_hub).unwrap_or(false),
    }
}

/// A span about to be entered; see [`span()`].
#[derive(Debug)]
#[must_use = "a span begins with `run` or `instrument`"]
pub struct SpanBuilder {
    start: Box<Start>,
}

impl SpanBuilder {
    /// A field of the span.
    pub fn field(mut self, key: impl Into<Cow<'static, str>>, value: impl ToValue) -> Self {
        self.start.values.fields.push((key.into(), value.to_value()));
        self
    }

    /// Continues a trace that began elsewhere: the span becomes a transaction of its own, and keeps to the sampling decision
    /// taken there.
    pub fn continuing(mut self, parent: impl Into<Option<TraceParent>>) -> Self {
        self.start.parent = parent.into();
        self.start.own |= self.start.parent.is_some();
        self
    }

    /// As [`continuing`](Self::continuing), with the baggage that came along, which is passed on as it is. Headers without
    /// a readable trace change nothing.
    pub fn continuing_headers(mut self, headers: &TraceHeaders) -> Self {
        self.start.baggage = headers.parent().map(|_| Arc::new(headers.baggage()));
        self.continuing(headers.parent())
    }

    /// Only as a child: where no span is open, nothing is recorded and no transaction is made. For what is of no interest by
    /// itself: a statement, a look-up in a cache, a call to another service.
    ///
    /// ```
    /// let rows = watchpost::span("db.query", "SELECT name FROM barbers").only_as_child().run(|| 2);
    /// assert_eq!(rows, 2);
    /// ```
    pub fn only_as_child(mut self) -> Self {
        self.start.child = true;
        self
    }

    /// A transaction of its own, in a scope of its own whatever is recorded: users, tags and contexts that are set inside stay
    /// inside, also where nothing but errors is monitored. For the outermost call of something that ends: a request, a
    /// connection, a job.
    ///
    /// ```
    /// # async fn answer() {}
    /// # async fn serve() {
    /// watchpost::transaction("http.server", "GET /users/{id}").isolated().instrument(answer()).await;
    /// # }
    /// ```
    pub fn isolated(mut self) -> Self {
        self.start.own = true;
        self.start.isolated = true;
        self
    }

    /// Who made the span, by Sentry's [convention](https://develop.sentry.dev/sdk/telemetry/traces/trace-origin/):
    /// `auto.db.sqlx`, `auto.http.axum` .. `manual` where nothing is said.
    pub fn origin(self, origin: &'static str) -> Self {
        self.field(ORIGIN_KEY, origin)
    }

    /// What the transaction's name was taken from: `custom`, `route`, `url`, `task` .. `custom` where nothing is said.
    pub fn source(mut self, source: &'static str) -> Self {
        self.start.source = Some(source);
        self
    }

    /// Runs `f` inside the span. The span ends as `ok`, as `internal_error` if `f` panics.
    pub fn run<R>(self, f: impl FnOnce() -> R) -> R {
        let _call = self.enter();
        f()
    }

    /// As [`run`](Self::run); an `Err` makes the span `internal_error`. The error itself is not captured.
    pub fn run_result<T, E>(self, f: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let call = self.enter();
        let out = f();
        super::outcome(call, out.is_ok());
        out
    }

    /// Records a span that is over: it ends now, and began so long ago. For what tells of itself only at its end: a hook of a driver, an
    /// event of `tracing`. Only ever a child, as [`only_as_child`](Self::only_as_child) says.
    ///
    /// ```
    /// use std::time::Duration;
    /// use watchpost::SpanStatus;
    ///
    /// // A driver's hook: `SELECT name FROM barbers` took 12 ms.
    /// watchpost::span("db.query", "SELECT name FROM barbers").record(Duration::from_millis(12), SpanStatus::Ok);
    /// ```
    pub fn record(self, took: Duration, status: SpanStatus) {
        let mut builder = self.only_as_child();
        builder.start.ago = took;
        let call = builder.enter();
        call::backdate(&call, took);
        call.end(if status == SpanStatus::Ok { End::Ok } else { End::Failed(status) });
    }

    /// Wraps a future: the span begins with its first poll and ends when it is ready or dropped. A transaction's future runs in
    /// a scope of its own.
    pub fn instrument<F: Future>(self, future: F) -> Watch<F, Ended<F::Output>> {
        Watch::new(Watching::new(&BUILT, ended::<F::Output> as Ended<F::Output>).with(Some(self.start)), future)
    }

    fn enter(self) -> Call {
        if call::idle() || state::mode() == Mode::Muted {
            return Call::NONE;
        }
        let start = *self.start;
        let depth = state::with(|local| {
            let mode = state::mode();
            let mut frame = Frame::new(&BUILT, mode);
            let (op, name) = (start.op.unwrap_or_default(), start.name.unwrap_or_default());
            let asked = Asked {
                op: &op,
                name: &name,
                source: start.source.unwrap_or(SOURCE_CUSTOM),
                own: start.own,
                child: start.child,
                isolated: start.isolated,
                parent: start.parent,
                baggage: start.baggage.as_ref(),
                ago: start.ago,
            };
            let more = frame.more_mut();
            (more.op, more.name, more.values) = (Some(op.clone()), Some(name.clone()), start.values);
            match mode {
                Mode::Muted => 0,
                Mode::Idle if state::wanted() == Wanted::Traces || asked.parent.is_some() => {
                    begin::open(local, &asked, frame)
                }
                Mode::Idle | Mode::Errors if asked.isolated => begin::open(local, &asked, frame),
                Mode::Errors if begin::may_be_traced(local, BUILT.kind()) => begin::open(local, &asked, frame),
                Mode::Idle | Mode::Errors => begin::push(local, frame, Mode::Errors),
                _ if asked.own || hubs::other_hub(local) => begin::open(local, &asked, frame),
                _ => begin::child(local, frame, mode, BUILT.kind()),
            }
        });
        Call::reaching(Exit::Long.from(depth.unwrap_or(0)))
    }
}

/// Ends the call of a future whose outcome nobody looks at.
type Ended<R> = fn(Call, &R);

fn ended<R>(call: Call, _: &R) {
    drop(call);
}
