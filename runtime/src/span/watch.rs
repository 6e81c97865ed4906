//! The one wrapper of an annotated future: entered per poll, ended when the future is.
//!
//! Between polls the wrapper keeps what a synchronous call would have on the thread's stack: its frame, and for a root the
//! whole context. A future may so be polled on any thread, below any other call, and is always found below its own.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::call::{Call, End};
use super::watched::Watched;
use crate::capture::values::Values;
use crate::task::{Baggage, Info, Run};
use crate::{CallSite, TraceParent};

pin_project_lite::pin_project! {
    /// An annotated future.
    #[must_use = "futures do nothing unless polled"]
    pub struct Watch<F, O> {
        // None only once it was dropped within its scope.
        #[pin]
        future: Option<F>,
        observe: Option<O>,
        watched: Watched,
    }

    impl<F, O> PinnedDrop for Watch<F, O> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.watched.is_open() {
                drop_recorded(this.future, this.watched);
            }
        }
    }
}

impl<F, O> std::fmt::Debug for Watch<F, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Watch").field(&self.watched).finish()
    }
}

impl<F, O> Watch<F, O> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn new(site: &'static CallSite, future: F, observe: O) -> Self {
        Self { future: Some(future), observe: Some(observe), watched: Watched::new(site) }
    }

    /// At the first poll, where something may be wanted of it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn asked(site: &'static CallSite, future: F, observe: O) -> Self {
        Self { future: Some(future), observe: Some(observe), watched: Watched::asked(site) }
    }

    pub(crate) fn with(mut self, start: Option<Box<Start>>) -> Self {
        if let Some(start) = start {
            self.watched.start_with(start);
        }
        self
    }
}

impl<F: Future, O: FnOnce(Call, &F::Output)> Future for Watch<F, O> {
    type Output = F::Output;

    // An `async fn` of which nothing is wanted has no use for this, and is small enough without it to be inlined itself.
    #[inline(never)]
    fn poll(self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(future) = this.future.as_pin_mut() else { return Poll::Pending };
        // What is the same for all futures of an outcome is not compiled for each of them.
        let mut entered = this.watched.enter();
        let polled = future.poll(waking);
        entered.polled(&polled, this.observe);
        polled
    }
}

/// What the future's own values do when they are dropped still belongs to the call.
#[cold]
#[inline(never)]
fn drop_recorded<F>(mut future: Pin<&mut Option<F>>, watched: &mut Watched) {
    let mut entered = watched.enter();
    future.set(None);
    entered.finish(End::Cancelled);
}

/// What is known of a future before its first poll.
#[derive(Debug, Default)]
pub(crate) struct Start {
    pub(crate) values: Values,
    /// A transaction of its own that continues this trace.
    pub(crate) parent: Option<TraceParent>,
    pub(crate) baggage: Option<Arc<Baggage>>,
    pub(crate) own: bool,
    pub(crate) child: bool,
    /// In a scope of its own, whatever is recorded.
    pub(crate) isolated: bool,
    pub(crate) source: Option<&'static str>,
    /// How long ago it began; only of spans that are over.
    pub(crate) ago: Duration,
    pub(crate) name: Option<Cow<'static, str>>,
    pub(crate) op: Option<Cow<'static, str>>,
    pub(crate) run: Option<Box<Run>>,
}

impl Start {
    /// A run of a task, with its own data and the trace of whoever asked for it.
    pub(crate) fn of_task(site: &'static CallSite, info: Info) -> Self {
        let parent = info.parent;
        let baggage = info.baggage.clone();
        let run = Run::of(site, info);
        Self::of_run(run, parent, baggage)
    }

    /// The same of a task that was built at run time.
    pub(crate) fn of_run(run: Option<Box<Run>>, parent: Option<TraceParent>, baggage: Option<Arc<Baggage>>) -> Self {
        let mut values = Values::default();
        for (key, value) in run.iter().flat_map(|run| run.data()) {
            values.field(key, value);
        }
        Self { values, parent, baggage, run, ..Self::default() }
    }
}
