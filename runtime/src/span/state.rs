//! All thread-local and static state of the runtime. It is here and nowhere else, so that one file answers what outlives a
//! call, what threads share, and what a hook that calls back into annotated code may meet.
//!
//! Nothing here runs code of the program while a cell is borrowed: values, errors and hooks may themselves call annotated
//! functions.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sentry_core::{Client, Hub, HubSwitchGuard, TracesSamplingStrategy};

use super::clock::Instant;
use super::frame::Frame;
use super::record::Record;
use super::trace::Trace;
use crate::capture::once::Marks;
use crate::config::Settings;
use crate::task::History;
use crate::{CallSite, TraceParent};

/// What the annotated calls of a thread are below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[repr(u8)]
pub(crate) enum Mode {
    /// No annotated call is open.
    #[default]
    Idle,
    /// Calls are open, for the sake of errors alone.
    Errors,
    /// Below a root that is not sampled.
    Unsampled,
    /// Below a root that is sampled.
    Sampled,
    /// Our own code is running on behalf of a call: what it calls back into is not instrumented.
    Muted,
}

/// What the clients of this process ask of the engine; the most that any of them does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Wanted {
    Nothing,
    Errors,
    Traces,
}

impl Wanted {
    /// What this client asks for.
    pub(super) fn by(client: &Client) -> Self {
        if !client.is_enabled() {
            Self::Nothing
        } else if matches!(client.options().traces_sampling_strategy, TracesSamplingStrategy::Disabled) {
            Self::Errors
        } else {
            Self::Traces
        }
    }
}

static WANTED: AtomicU8 = AtomicU8::new(0);

/// How many live clients have our integration, by what they ask for; and what was found at clients that have it not.
static CLIENTS: Mutex<Clients> = Mutex::new(Clients { errors: 0, traces: 0, found: Wanted::Nothing });

struct Clients {
    errors: usize,
    traces: usize,
    found: Wanted,
}

impl Clients {
    fn publish(&self) {
        let own = match (self.errors, self.traces) {
            (0, 0) => Wanted::Nothing,
            (_, 0) => Wanted::Errors,
            _ => Wanted::Traces,
        };
        WANTED.store(own.max(self.found) as u8, Relaxed);
    }
}

/// A client with our integration; the engine is on as long as there is one.
#[derive(Debug)]
pub(super) struct Live(Wanted);

impl Live {
    pub(super) fn new(wanted: Wanted) -> Self {
        let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
        match wanted {
            Wanted::Nothing => {}
            Wanted::Errors => clients.errors += 1,
            Wanted::Traces => clients.traces += 1,
        }
        clients.publish();
        Self(wanted)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
        match self.0 {
            Wanted::Nothing => {}
            Wanted::Errors => clients.errors = clients.errors.saturating_sub(1),
            Wanted::Traces => clients.traces = clients.traces.saturating_sub(1),
        }
        clients.publish();
    }
}

/// What annotated calls of this process may have to do.
#[inline(always)]
pub(super) fn wanted() -> Wanted {
    match WANTED.load(Relaxed) {
        0 => Wanted::Nothing,
        1 => Wanted::Errors,
        _ => Wanted::Traces,
    }
}

/// Things of ours that failed and were passed over, so that the program's function was not disturbed.
static FAILURES: AtomicU64 = AtomicU64::new(0);
/// Spans that were not recorded because their transaction had enough of them.
static SPANS_LOST: AtomicU64 = AtomicU64::new(0);

/// Names, keys and tags given at run time that Sentry would not have taken, and that were cut, renamed or left out.
static CHANGES: AtomicU64 = AtomicU64::new(0);

pub(crate) fn count_change() {
    CHANGES.fetch_add(1, Relaxed);
}
/// How many names, keys and tags were cut, renamed or left out.
pub(crate) fn changes() -> u64 {
    CHANGES.load(Relaxed)
}
pub(crate) fn count_failure() {
    FAILURES.fetch_add(1, Relaxed);
}
pub(super) fn count_lost_spans(spans: usize) {
    SPANS_LOST.fetch_add(spans as u64, Relaxed);
}
/// How often something of the engine's failed and was passed over.
pub(crate) fn failures() -> u64 {
    FAILURES.load(Relaxed)
}
/// How many spans were dropped because their transaction had a thousand.
pub(crate) fn spans_lost() -> u64 {
    SPANS_LOST.load(Relaxed)
}

/// Polls that take longer are told as having blocked the executor; 0 for never.
static BLOCKED_AFTER_MS: AtomicU64 = AtomicU64::new(100);

pub(super) fn blocked_after() -> Option<Duration> {
    Some(BLOCKED_AFTER_MS.load(Relaxed)).filter(|ms| *ms > 0).map(Duration::from_millis)
}
pub(super) fn set_blocked_after(limit: Option<Duration>) {
    let millis = limit.map_or(0, |limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX).max(1));
    BLOCKED_AFTER_MS.store(millis, Relaxed);
}

/// The failed attempts of jobs under way.
static ATTEMPTS: LazyLock<Mutex<History>> = LazyLock::new(Mutex::default);

/// The failed attempts of jobs under way. Only ever held for a look-up.
pub(crate) fn attempts() -> MutexGuard<'static, History> {
    ATTEMPTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When each site last told that it was slow, or that it blocked the executor.
static TOLD: LazyLock<Mutex<HashMap<(usize, &'static str), Instant>>> = LazyLock::new(Mutex::default);
const TELL_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Whether a site may tell of `what` now: once a minute.
pub(super) fn may_tell(site: &'static CallSite, what: &'static str) -> bool {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Instant::now();
    match told.entry((std::ptr::from_ref(site) as usize, what)) {
        std::collections::hash_map::Entry::Occupied(mut last) => {
            let again = last.get().elapsed() >= TELL_AGAIN_AFTER;
            if again {
                last.insert(now);
            }
            again
        }
        std::collections::hash_map::Entry::Vacant(first) => {
            first.insert(now);
            true
        }
    }
}

/// Our panic hook is installed.
#[cfg(feature = "panic")]
pub(crate) static PANIC_HOOK: std::sync::Once = std::sync::Once::new();

thread_local! {
    static MODE: Cell<Mode> = const { Cell::new(Mode::Idle) };
    /// Whether what is captured here is dropped at delivery's door: a hook of the program runs, or the thread is ours.
    static CAPTURES_MUTED: Cell<bool> = const { Cell::new(false) };
    /// Idle calls until a client that does not know of us is looked for again; the distance of the last look.
    static LOOK: Cell<(u32, u32)> = const { Cell::new((1, 1)) };
    static LOCAL: Local = Local::new();
}

/// The thread's mode: readable at any time, also while the thread ends.
#[inline(always)]
pub(crate) fn mode() -> Mode {
    MODE.get()
}
#[inline(always)]
pub(super) fn set_mode(mode: Mode) {
    MODE.set(mode);
}

/// Runs `f` with annotated functions switched off on this thread.
pub(crate) fn muted<R>(f: impl FnOnce() -> R) -> R {
    struct Back(Mode);
    impl Drop for Back {
        fn drop(&mut self) {
            set_mode(self.0);
        }
    }
    let _back = Back(MODE.replace(Mode::Muted));
    f()
}

/// Whether captures on this thread are dropped where they are to be delivered.
pub(crate) fn captures_are_muted() -> bool {
    CAPTURES_MUTED.get()
}

/// Mutes captures on this thread or lets them pass again; and how it was before.
pub(crate) fn mute_captures(on: bool) -> bool {
    CAPTURES_MUTED.replace(on)
}

const LOOK_AT_LEAST_EVERY: u32 = 1024;

/// Whether a call with nothing open and nothing wanted is one that should look for a client: the 1st, 2nd, 4th .. of a
/// thread, then each 1024th.
#[inline(always)]
pub(super) fn should_look() -> bool {
    let (left, distance) = LOOK.get();
    if left > 1 {
        LOOK.set((left - 1, distance));
        return false;
    }
    LOOK.set((distance, (distance * 2).min(LOOK_AT_LEAST_EVERY)));
    true
}

/// Looks for a client that was set up without our integration; one that is there switches the engine on.
#[cold]
#[inline(never)]
pub(super) fn look() -> bool {
    let Some(client) = with(|_| Hub::current().client()).flatten() else { return false };
    let wanted = Wanted::by(&client);
    if wanted == Wanted::Nothing {
        return false;
    }
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    if clients.found < wanted {
        clients.found = wanted;
        clients.publish();
        if client.options().debug {
            eprintln!(
                "[watchpost] found a client without watchpost's integration: spans and errors are recorded with its rates, \
                 but redaction and delivery are not watchpost's; add `watchpost::Instrumentation` or use \
                 `watchpost::Config::client_options()`"
            );
        }
    }
    true
}

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
    pub(super) trace: Option<Arc<Trace>>,
    /// A span that was carried here and that the scope shows.
    pub(super) shown: u64,
    /// Where roots of this thread continue from.
    pub(super) remote: Option<TraceParent>,
}

/// The thread's own state.
#[derive(Debug)]
pub(crate) struct Local {
    pub(super) cur: Cell<u64>,
    pub(super) hub: Cell<usize>,
    pub(super) begun: Cell<u32>,
    pub(super) base: Cell<usize>,
    ids: Cell<u64>,
    pub(super) frames: RefCell<Vec<Frame>>,
    pub(super) records: RefCell<Vec<Record>>,
    pub(super) trace: RefCell<Option<Arc<Trace>>>,
    pub(super) shown: Cell<u64>,
    pub(super) remote: Cell<Option<TraceParent>>,
    /// A scope may be forked at the next write: an asynchronous root is polled that has none of its own yet.
    pub(super) forkable: Cell<bool>,
    /// The hub that was forked during this poll, bound until its end.
    pub(super) forked: RefCell<Option<(Arc<Hub>, HubSwitchGuardDebug)>>,
    /// Hubs bound by synchronous tasks, innermost last.
    pub(super) bound: RefCell<Vec<HubSwitchGuardDebug>>,
    /// The hub that is the thread's own when nobody has bound another.
    pub(super) home: RefCell<Weak<Hub>>,
    /// When a nested poll last told that it blocked the executor.
    pub(super) blocked_told: Cell<Instant>,
    /// The errors with which the thread's outermost calls ended a moment ago.
    pub(super) marks: RefCell<Marks>,
}

/// [`HubSwitchGuard`] has no `Debug`.
pub(super) struct HubSwitchGuardDebug(#[expect(dead_code, reason = "held for its drop")] pub(super) HubSwitchGuard);
impl std::fmt::Debug for HubSwitchGuardDebug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HubSwitchGuard")
    }
}

impl Local {
    fn new() -> Self {
        // The thread's hub must outlive our state, or `Hub::current` could panic under an annotated call made while the
        // thread ends: thread-locals are dropped in the reverse order of their first use.
        let home = Arc::downgrade(&Hub::current());
        Self {
            cur: Cell::new(0),
            hub: Cell::new(0),
            begun: Cell::new(0),
            base: Cell::new(0),
            ids: Cell::new(0),
            frames: RefCell::default(),
            records: RefCell::default(),
            trace: RefCell::default(),
            shown: Cell::new(0),
            remote: Cell::new(None),
            forkable: Cell::new(false),
            forked: RefCell::default(),
            bound: RefCell::default(),
            home: RefCell::new(home),
            blocked_told: Cell::new(Instant::ZERO),
            marks: RefCell::default(),
        }
    }

    /// A new span id: no two of a thread are alike, and none is 0.
    #[inline]
    pub(super) fn next_id(&self) -> u64 {
        // splitmix64: a counter with a random start, well spread. sentry's own draw costs a hundred times as much.
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut seed = self.ids.get();
        if seed == 0 {
            seed = random_seed();
        }
        self.ids.set(seed.wrapping_add(STEP));
        let mut id = seed;
        id = (id ^ (id >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        id = (id ^ (id >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        id ^= id >> 31;
        id.max(1)
    }

    /// Puts `context` in place of the thread's own and gives that back. Frames stay: those open so far are hidden by the
    /// new context's base.
    pub(super) fn switch(&self, context: Context) -> Context {
        Context {
            mode: MODE.replace(context.mode),
            cur: self.cur.replace(context.cur),
            hub: self.hub.replace(context.hub),
            begun: self.begun.replace(context.begun),
            base: self.base.replace(context.base),
            records: self.records.replace(context.records),
            trace: self.trace.replace(context.trace),
            shown: self.shown.replace(context.shown),
            remote: self.remote.replace(context.remote),
        }
    }

    /// How many frames are open.
    pub(super) fn depth(&self) -> usize {
        self.frames.borrow().len()
    }

    /// Whether `trace` is the one that this thread is below.
    pub(super) fn is_below(&self, trace: &Arc<Trace>) -> bool {
        self.trace.borrow().as_ref().is_some_and(|own| Arc::ptr_eq(own, trace))
    }

    pub(super) fn trace(&self) -> Option<Arc<Trace>> {
        self.trace.borrow().clone()
    }
}

#[cold]
fn random_seed() -> u64 {
    let random = sentry_core::types::random_uuid().as_u128();
    // The lowest bit keeps the seed from 0, which stands for "none yet".
    (random as u64 ^ (random >> 64) as u64) | 1
}

/// The thread's state; none while the thread is ending.
#[inline(always)]
pub(super) fn with<R>(f: impl FnOnce(&Local) -> R) -> Option<R> {
    LOCAL.try_with(f).ok()
}

/// The identity of a hub.
#[inline]
pub(super) fn identity(hub: &Arc<Hub>) -> usize {
    Arc::as_ptr(hub) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_at_powers_of_two_then_each_1024th() {
        std::thread::spawn(|| {
            let looked: Vec<u32> = (1..=4096).filter(|_| should_look()).collect();
            assert_eq!(looked, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3072, 4096]);
        })
        .join()
        .expect("the thread ends well");
    }

    #[test]
    fn ids_differ_and_are_not_zero() {
        let ids: std::collections::HashSet<u64> =
            with(|local| (0..10_000).map(|_| local.next_id()).collect()).expect("the thread is alive");
        assert_eq!(ids.len(), 10_000);
        assert!(!ids.contains(&0));
    }
}

/// What monitoring was last started with: where there is no client, nothing else tells of it.
static STARTED: Mutex<Option<Arc<Settings>>> = Mutex::new(None);

pub(crate) fn remember(settings: Arc<Settings>) {
    *STARTED.lock().unwrap_or_else(PoisonError::into_inner) = Some(settings);
}

pub(crate) fn remembered() -> Option<Arc<Settings>> {
    STARTED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
