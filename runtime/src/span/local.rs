//! What a thread is in the middle of.

use std::cell::{Cell, RefCell};
use std::panic::catch_unwind;
use std::sync::{Arc, Weak};

use sentry_core::protocol::TraceId;
use sentry_core::{Hub, HubSwitchGuard};

use super::clock::Instant;
use super::frame::{Frame, More};
use super::handover::Underway;
use super::promotion::Notes;
use super::record::Record;
use super::state::{self, Mode};
use super::trace::{MAX_SPANS, Trace};
use super::trail::{self, Trail};
use super::watched::Cancelled;
use crate::TraceParent;
use crate::capture::once::Marks;

/// What a thread is in the middle of, but for its frames.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(super) mode: Mode,
    /// The innermost open span.
    pub(super) cur: u64,
    /// The identity of the hub that the open calls belong to.
    pub(super) hub: usize,
    /// How many spans were begun.
    pub(super) begun: u32,
    /// Frames below this belong to others.
    pub(super) base: usize,
    pub(super) records: Vec<Record>,
    /// What is known of the calls that have ended below a root that is not sampled.
    pub(super) notes: Notes,
    pub(super) trace: Option<Arc<Trace>>,
    /// A span that was carried here and that the scope shows.
    pub(super) shown: u64,
    /// Where roots of this thread continue from.
    pub(super) remote: Option<TraceParent>,
}

impl Context {
    /// When its root began, if that is told.
    pub(super) fn begun_at(&self) -> Instant {
        self.trace.as_ref().map_or(Instant::ZERO, |trace| trace.clock.moment().1)
    }
}

/// The thread's own state.
#[derive(Debug)]
pub(crate) struct Local {
    pub(super) cur: Cell<u64>,
    pub(super) hub: Cell<usize>,
    pub(super) begun: Cell<u32>,
    pub(super) base: Cell<usize>,
    ids: Cell<u64>,
    trace_ids: Cell<u64>,
    /// Calls that may pass before the hub is looked at again; see [`other_hub`](super::hubs::other_hub).
    pub(super) trusted: Cell<u32>,
    /// How often it was looked at since a root was opened here.
    pub(super) asked: Cell<u32>,
    /// How many roots were opened here.
    pub(super) roots: Cell<u32>,
    frames: RefCell<Vec<Frame>>,
    pub(super) records: RefCell<Vec<Record>>,
    pub(super) notes: RefCell<Notes>,
    pub(super) trace: RefCell<Option<Arc<Trace>>>,
    pub(super) shown: Cell<u64>,
    pub(super) remote: Cell<Option<TraceParent>>,
    /// An empty buffer for the next root's records.
    spare: RefCell<Vec<Record>>,
    /// The last root's notes: room for the next one's.
    spare_notes: RefCell<Notes>,
    /// What the last root had beside its frame: room for the next one's.
    spare_more: RefCell<Option<Box<More>>>,
    /// Spans that are on their way to a transport.
    pub(super) underway: RefCell<Option<Underway>>,
    /// Hubs that were forked for roots during this poll of theirs, bound until its end, innermost last.
    pub(super) forked: RefCell<Vec<(Arc<Hub>, HubSwitchGuardDebug)>>,
    /// Hubs bound by synchronous tasks and for polls, innermost last.
    bound: RefCell<Vec<HubSwitchGuardDebug>>,
    /// The hub that is the thread's own when nobody has bound another.
    pub(super) home: RefCell<Weak<Hub>>,
    /// When a nested poll last told that it blocked the executor.
    pub(super) blocked_told: Cell<Instant>,
    /// The errors with which the thread's outermost calls ended a moment ago.
    pub(super) marks: RefCell<Marks>,
    /// The futures that are being dropped while they wait, innermost last.
    pub(super) cancelled: RefCell<Vec<Cancelled>>,
}

/// [`HubSwitchGuard`] has no `Debug`.
pub(super) struct HubSwitchGuardDebug(#[expect(dead_code, reason = "held for its drop")] pub(super) HubSwitchGuard);
impl std::fmt::Debug for HubSwitchGuardDebug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HubSwitchGuard")
    }
}

impl Local {
    pub(super) fn new() -> Self {
        // The thread's hub must outlive our state, or `Hub::current` could panic under an annotated call made while the
        // thread ends: thread-locals are dropped in the reverse order of their first use. Where the hub is gone already,
        // nothing can be told but by the panic: nothing more happens on this thread.
        let muted = state::mute_captures(true);
        let home = catch_unwind(Hub::current);
        state::mute_captures(muted);
        if home.is_err() {
            state::note_gone_hub();
        }
        let home = home.map_or_else(|_| Weak::new(), |home| Arc::downgrade(&home));
        Self {
            cur: Cell::new(0),
            hub: Cell::new(0),
            begun: Cell::new(0),
            base: Cell::new(0),
            ids: Cell::new(0),
            trace_ids: Cell::new(0),
            trusted: Cell::new(0),
            asked: Cell::new(0),
            roots: Cell::new(0),
            frames: RefCell::default(),
            records: RefCell::default(),
            notes: RefCell::default(),
            trace: RefCell::default(),
            shown: Cell::new(0),
            remote: Cell::new(None),
            spare: RefCell::default(),
            spare_notes: RefCell::default(),
            spare_more: RefCell::default(),
            underway: RefCell::default(),
            forked: RefCell::default(),
            bound: RefCell::default(),
            home: RefCell::new(home),
            blocked_told: Cell::new(Instant::ZERO),
            marks: RefCell::default(),
            cancelled: RefCell::default(),
        }
    }

    /// A new span id: no two of a thread are alike, and none is 0.
    #[inline]
    pub(super) fn next_id(&self) -> u64 {
        // A random start, and from there in steps of the golden ratio: well spread, alike only after 2^64. sentry's own draw
        // costs a hundred times as much.
        let mut id = self.ids.get().wrapping_add(STEP);
        if id == 0 || id == STEP {
            id = random_seed();
        }
        self.ids.set(id);
        id
    }

    /// A new trace id: two sequences with random starts, mixed, for samplers take some of its bits for chance.
    pub(super) fn next_trace_id(&self) -> TraceId {
        let mut low = self.trace_ids.get();
        if low == 0 {
            low = random_seed();
        }
        self.trace_ids.set(low.wrapping_add(STEP));
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&mix(self.next_id()).to_be_bytes());
        bytes[8..].copy_from_slice(&mix(low).to_be_bytes());
        TraceId::from(bytes)
    }

    /// Puts `context` in place of the thread's own and gives that back. Frames stay: those open so far are hidden by the
    /// new context's base.
    pub(super) fn switch(&self, mut context: Context) -> Context {
        self.exchange(&mut context);
        context
    }

    /// The same in place.
    pub(super) fn exchange(&self, context: &mut Context) {
        trail::look(&self.frames().borrow());
        let mode = state::mode();
        state::set_mode(context.mode);
        context.mode = mode;
        context.cur = self.cur.replace(context.cur);
        context.hub = self.hub.replace(context.hub);
        context.begun = self.begun.replace(context.begun);
        context.base = self.base.replace(context.base);
        std::mem::swap(&mut *self.records.borrow_mut(), &mut context.records);
        std::mem::swap(&mut *self.notes.borrow_mut(), &mut context.notes);
        std::mem::swap(&mut *self.trace.borrow_mut(), &mut context.trace);
        context.shown = self.shown.replace(context.shown);
        context.remote = self.remote.replace(context.remote);
    }

    /// Makes `hub` the current one, until [`unbind`](Self::unbind).
    pub(super) fn bind(&self, hub: Arc<Hub>) {
        let guard = HubSwitchGuardDebug(HubSwitchGuard::new(hub));
        self.bound.borrow_mut().push(guard);
    }

    /// Makes the hub current again that was so before the last [`bind`](Self::bind).
    pub(super) fn unbind(&self) {
        let bound = self.bound.borrow_mut().pop();
        drop(bound);
    }

    /// A buffer for records: the last root's, if it came back.
    pub(super) fn buffer(&self) -> Vec<Record> {
        self.spare.take()
    }

    /// Gives a buffer back; at most one that a full transaction has filled is kept.
    pub(super) fn give_back(&self, mut records: Vec<Record>) {
        records.clear();
        if (self.spare.borrow().capacity()..=2 * MAX_SPANS).contains(&records.capacity()) {
            self.spare.replace(records);
        }
    }

    /// Room for the notes of a root in this mode.
    pub(super) fn room_for_notes(&self, mode: Mode) -> Notes {
        Notes::begin(if mode == Mode::Noted { self.spare_notes.take() } else { Notes::default() }, mode)
    }

    /// Gives the room back.
    pub(super) fn give_back_notes(&self, notes: Notes) {
        if !notes.is_empty() {
            self.spare_notes.replace(Notes::begin(notes, Mode::Idle));
        }
    }

    /// Room for what a root has beside its frame.
    pub(super) fn room_for_more(&self) -> Box<More> {
        self.spare_more.take().unwrap_or_default()
    }

    /// Gives the room back, if nothing is in it.
    pub(super) fn give_back_more(&self, more: Box<More>) {
        if more.is_empty() {
            self.spare_more.replace(Some(more));
        }
    }

    /// Makes frames of the thread's steps.
    #[inline(always)]
    pub(super) fn settle(&self) {
        self.frames();
    }

    /// The calls under way on this thread.
    #[inline(always)]
    pub(super) fn frames(&self) -> &RefCell<Vec<Frame>> {
        if !state::with_trail(Trail::is_empty) {
            trail::settle(self);
        }
        &self.frames
    }

    /// The same but for those that are steps still: in modes in which there are none.
    #[inline(always)]
    pub(super) fn unsettled_frames(&self) -> &RefCell<Vec<Frame>> {
        &self.frames
    }

    /// How many frames are open.
    pub(super) fn depth(&self) -> usize {
        self.frames().borrow().len()
    }

    /// Whether `trace` is the one that this thread is below.
    pub(super) fn is_below(&self, trace: &Arc<Trace>) -> bool {
        self.trace.borrow().as_ref().is_some_and(|own| Arc::ptr_eq(own, trace))
    }

    pub(super) fn trace(&self) -> Option<Arc<Trace>> {
        self.trace.borrow().clone()
    }
}

/// The golden ratio of 2^64: the steps of a sequence that spreads well.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// splitmix64's finish.
fn mix(mut id: u64) -> u64 {
    id = (id ^ (id >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    id = (id ^ (id >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    id ^ (id >> 31)
}

#[cold]
fn random_seed() -> u64 {
    let random = sentry_core::types::random_uuid().as_u128();
    // The lowest bit keeps the seed from 0, which stands for "none yet".
    (random as u64 ^ (random >> 64) as u64) | 1
}

#[cfg(test)]
mod tests {
    use super::super::state;

    #[test]
    fn ids_differ_and_are_not_zero() {
        let ids: std::collections::HashSet<u64> =
            state::with(|local| (0..10_000).map(|_| local.next_id()).collect()).expect("the thread is alive");
        assert_eq!(ids.len(), 10_000);
        assert!(!ids.contains(&0));
    }
}
