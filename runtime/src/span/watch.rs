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

use super::call::Call;
use super::watched::{Left, Watched};
use crate::capture::values::Values;
use crate::task::{Baggage, Info, Run};
use crate::{CallSite, TraceParent};

pin_project_lite::pin_project! {
    /// An annotated future.
    ///
    /// Its fields are dropped in their order: what the future's own values do then still belongs to the call, which `watching`
    /// enters and `left` ends. So nothing of that is compiled for each future.
    #[must_use = "futures do nothing unless polled"]
    pub struct Watch<F, O> {
        watching: Watching<O>,
        #[pin]
        future: F,
        left: Left,
    }
}

/// What looks at the outcome of a future.
///
/// A trait of our own, which types with names have: that one of them has it is found much sooner than that a closure takes a
/// reference to the outcome, whatever its lifetime.
pub trait Observe<R> {
    /// Ends the call by what the future came to.
    fn observe(self, call: Call, out: &R);
}

impl<R, F: FnOnce(Call, &R)> Observe<R> for F {
    #[inline]
    fn observe(self, call: Call, out: &R) {
        self(call, out);
    }
}

/// The part of a [`Watch`] that is the same for all futures of an outcome.
pub struct Watching<O> {
    watched: Watched,
    observe: Option<O>,
}

impl<F, O> std::fmt::Debug for Watch<F, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Watch").field(&self.watching).finish()
    }
}

impl<O> std::fmt::Debug for Watching<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Watching").field(&self.watched).finish()
    }
}

impl<O> Watching<O> {
    /// A call whose outcome is told to `observe`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn new(site: &'static CallSite, observe: O) -> Self {
        Self { watched: Watched::new(site), observe: Some(observe) }
    }

    /// The same of a future that is about to be polled, and of which something may be wanted.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn asked(site: &'static CallSite, observe: O) -> Self {
        Self { watched: Watched::asked(site), observe: Some(observe) }
    }

    pub(crate) fn with(mut self, start: Option<Box<Start>>) -> Self {
        if let Some(start) = start {
            self.watched.start_with(start);
        }
        self
    }

    /// One poll of a future.
    #[inline(never)]
    fn poll<R>(
        &mut self,
        left: &mut Left,
        future: Pin<&mut (dyn Future<Output = R> + '_)>,
        waking: &mut Context<'_>,
    ) -> Poll<R>
    where
        O: Observe<R>,
    {
        let mut entered = self.watched.enter(left);
        let polled = future.poll(waking);
        entered.polled(&polled, &mut self.observe);
        polled
    }
}

impl<F: Future, O: Observe<F::Output>> Watch<F, O> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn new(watching: Watching<O>, future: F) -> Self {
        Self { watching, future, left: Left::NEW }
    }
}

impl<F: Future, O: Observe<F::Output>> Future for Watch<F, O> {
    type Output = F::Output;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll(self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.watching.poll(this.left, this.future, waking)
    }
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

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::task::Waker;

    use super::*;
    use crate::__private::Done;
    use crate::site::Kind;

    static SITE: CallSite = CallSite::new(Kind::SPAN, "f", "f", "m", "f", 1);

    /// Polls a future once and drops it; how often is held, after that, what it started with?
    fn held_after<F: Future>(future: F, polled: bool) -> usize {
        let baggage = Arc::new(Baggage::default());
        let start = Start { baggage: Some(baggage.clone()), ..Start::default() };
        {
            let watching = Watching::new(&SITE, Done).with(Some(Box::new(start)));
            let mut watch = pin!(Watch::new(watching, future));
            if polled {
                let _: Poll<_> = watch.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            }
        }
        Arc::strong_count(&baggage)
    }

    #[test]
    fn what_a_future_starts_with_is_dropped_whatever_becomes_of_it() {
        // Not each looks whether anything is wanted: of three calls of a thread the last one passes.
        for _ in 0..3 {
            assert_eq!(held_after(ready(()), false), 1, "never polled");
            assert_eq!(held_after(ready(()), true), 1, "at its end at once");
            assert_eq!(held_after(pending::<()>(), true), 1, "waits and is dropped");
        }
    }
}
