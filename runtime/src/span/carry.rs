//! Carrying the current span over to another task or thread.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Waking, Poll};
use std::time::SystemTime;

use sentry_core::{Hub, HubSwitchGuard, TransactionOrSpan};

use super::anchor::{self, parent_of};
use super::hubs::NO_HUB;
use super::late;
use super::promotion::{self, Notes};
use super::state::{self, Context, Mode, identity};
use super::trace::{Trace, span_id};
use crate::TraceParent;

/// Takes the current span, scope and user, to be carried to where more work is done for it. Cheap to clone.
///
/// ```
/// let carry = watchpost::carry();
/// std::thread::scope(|threads| {
///     for _ in 0..2 {
///         let carry = carry.clone();
///         threads.spawn(move || carry.run(|| { /* spans here belong to the span outside */ }));
///     }
/// });
/// ```
pub fn carry() -> Carry {
    let mode = state::mode();
    let idles = mode == Mode::Idle && state::wanted() == state::Wanted::Nothing;
    if mode == Mode::Muted || idles || !state::has_hub() {
        return Carry { carried: None };
    }
    let carried = state::with(|local| {
        // The scope is copied: what the new task writes must not leak into the old one.
        let hub = Arc::new(Hub::new_from_top(Hub::current()));
        let (cur, trace) = (local.cur.get(), local.trace());
        let is_ours = |span: &TransactionOrSpan| trace.as_ref().is_none_or(|trace| anchor::is_ours(local, trace, span));
        if let Some(theirs) = hub.configure_scope(|scope| scope.get_span()).filter(|span| !is_ours(span)) {
            // Somebody has opened a span below ours: that is the current one, and the copied scope shows it.
            let from = Some(parent_of(&theirs));
            return Arc::new(Held { hub, cur: 0, mode: Mode::Idle, trace, from });
        }
        if let Some(trace) = trace.as_ref().filter(|trace| trace.sampled) {
            // Foreign code in the new task hangs off the exact span.
            let shown = trace.anchor.start_child_with_details("", "", span_id(cur), SystemTime::now());
            hub.configure_scope(|scope| scope.set_span(Some(shown.into())));
        }
        Arc::new(Held { hub, cur, mode, trace, from: local.remote.get() })
    });
    Carry { carried }
}

/// The current span of some moment; see [`carry()`].
#[derive(Debug, Clone)]
pub struct Carry {
    carried: Option<Arc<Held>>,
}

#[derive(Debug)]
struct Held {
    hub: Arc<Hub>,
    cur: u64,
    mode: Mode,
    trace: Option<Arc<Trace>>,
    /// What is continued where nothing can be hung below the trace's span: somebody else's below that, or where this was itself
    /// carried from.
    from: Option<TraceParent>,
}

impl Carry {
    /// Runs `f` inside the span, on this thread.
    pub fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        // A scope for each: two threads must not write to one hub.
        let _entered = self.carried.as_ref().map(|held| enter(held, held.scope()));
        f()
    }
}

impl Carry {
    fn enter(&self, hub: Option<&Arc<Hub>>) -> Option<Entered> {
        Some(enter(self.carried.as_ref()?, hub?.clone()))
    }
}

/// A carried span that is current on this thread.
struct Entered {
    outer: Option<Context>,
    trace: Option<Arc<Trace>>,
    cur: u64,
    _guard: HubSwitchGuard,
}

impl Held {
    /// A scope like that of the carried span.
    fn scope(&self) -> Arc<Hub> {
        Arc::new(Hub::new_from_top(&self.hub))
    }
}

fn enter(held: &Arc<Held>, hub: Arc<Hub>) -> Entered {
    // Below calls that make no spans nobody has asked yet whether spans are wanted.
    let id = if held.mode == Mode::Errors { NO_HUB } else { identity(&hub) };
    let closed = held.trace.as_ref().filter(|trace| trace.is_closed());
    // Nothing can be hung below a transaction that is on its way: what begins now continues its trace from outside.
    let remote = match &held.trace {
        Some(trace) => closed.map(|_| held.from.unwrap_or_else(|| trace.parent(held.cur))),
        None => held.from,
    };
    let is_apart = closed.is_some() || held.from.is_some();
    let trace = if is_apart { None } else { held.trace.clone() };
    let guard = HubSwitchGuard::new(hub);
    let context = Context {
        mode: if closed.is_some() { Mode::Idle } else { held.mode },
        cur: if trace.is_some() { held.cur } else { 0 },
        hub: id,
        begun: trace.as_ref().map_or(0, |trace| trace.begun()),
        base: 0,
        records: Vec::new(),
        notes: Notes::begin(Notes::default(), held.mode),
        trace: trace.clone(),
        shown: held.cur,
        remote,
    };
    let outer = state::with(|local| {
        let context = Context { base: local.depth(), ..context };
        local.switch(context)
    });
    Entered { outer, trace, cur: held.cur, _guard: guard }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let Some(outer) = self.outer.take() else { return };
        state::with(|local| {
            let mut context = local.switch(outer);
            let Some(trace) = &self.trace else { return };
            promotion::hand_in(trace, &mut context.notes);
            if !context.records.is_empty() && !trace.add(&mut context.records) {
                late::send_below(trace, self.cur);
            }
        });
    }
}

/// Carries the current span over to a spawned future.
///
/// ```
/// use watchpost::InCurrentSpan as _;
///
/// # async fn send_mail() {}
/// # async fn handler() {
/// # fn spawn(_: impl Future<Output = ()> + Send + 'static) {}
/// spawn(send_mail().in_current_span()); // tokio::spawn
/// # }
/// ```
pub trait InCurrentSpan: Future + Sized {
    /// The future, in the span, scope and user that are current now.
    fn in_current_span(self) -> Carried<Self> {
        let carry = carry();
        let hub = carry.carried.as_ref().map(|held| held.scope());
        Carried { future: Some(self), carry, hub }
    }
}
impl<F: Future> InCurrentSpan for F {}

/// Carries the current span over to a closure that runs on another thread.
///
/// ```
/// use watchpost::InCurrentSpanFn as _;
///
/// let work = (|| 2 + 2).in_current_span(); // also for spawn_blocking, rayon::spawn ..
/// assert_eq!(std::thread::spawn(work).join().unwrap(), 4);
/// ```
pub trait InCurrentSpanFn<R>: FnOnce() -> R + Sized {
    /// The closure, in the span, scope and user that are current now.
    fn in_current_span(self) -> impl FnOnce() -> R {
        let carry = carry();
        move || carry.run(self)
    }
}
impl<F: FnOnce() -> R, R> InCurrentSpanFn<R> for F {}

pin_project_lite::pin_project! {
    /// A future in a carried span; see [`InCurrentSpan`].
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Carried<F> {
        #[pin]
        future: Option<F>,
        carry: Carry,
        hub: Option<Arc<Hub>>,
    }

    impl<F> PinnedDrop for Carried<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.carry.enter(this.hub.as_ref());
            this.future.set(None);
        }
    }
}

impl<F: Future> Future for Carried<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, waking: &mut Waking<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(future) = this.future.as_pin_mut() else { return Poll::Pending };
        let _entered = this.carry.enter(this.hub.as_ref());
        future.poll(waking)
    }
}
