//! All thread-local and static state of the runtime. It is here and nowhere else, so that one file answers what outlives a
//! call, what threads share, and what a hook that calls back into annotated code may meet.
//!
//! Nothing here runs code of the program while a cell is borrowed: values, errors and hooks may themselves call annotated
//! functions.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sentry_core::protocol::ClientSdkInfo;
use sentry_core::types::Uuid;
use sentry_core::{Client, Hub, TracesSamplingStrategy};

use super::clock::Instant;
pub(super) use super::local::HubSwitchGuardDebug;
pub(crate) use super::local::{Context, Local};
use super::trail::Trail;
use crate::CallSite;
use crate::capture::gather::Said;
use crate::config::Settings;
use crate::task::History;

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
    /// Below a root that is not sampled, of whose calls the times are noted.
    Noted,
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
        // `is_enabled` would also ask for the transport, under a lock that all threads share.
        if client.options().dsn.is_none() {
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

/// The failed attempts of jobs under way.
static ATTEMPTS: LazyLock<Mutex<History>> = LazyLock::new(Mutex::default);

/// The failed attempts of jobs under way. Only ever held for a look-up.
pub(crate) fn attempts() -> MutexGuard<'static, History> {
    ATTEMPTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a call of ours was ever seen below another hub than the call above it.
static HUBS_ARE_BOUND: AtomicBool = AtomicBool::new(false);

#[inline]
pub(super) fn hubs_are_bound() -> bool {
    HUBS_ARE_BOUND.load(Relaxed)
}
pub(super) fn note_bound_hub() {
    HUBS_ARE_BOUND.store(true, Relaxed);
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

/// What the clients of this process say of the SDK, kept for good so that no event has to copy it: nearly always one for all.
static SDKS: Mutex<Vec<&'static ClientSdkInfo>> = Mutex::new(Vec::new());
/// A program that makes clients without end, each with other integrations, has it copied.
const MOST_SDKS: usize = 16;

pub(crate) fn sdk(said: &ClientSdkInfo) -> Option<&'static ClientSdkInfo> {
    let mut sdks = SDKS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = sdks.iter().find(|known| **known == said) {
        return Some(known);
    }
    (sdks.len() < MOST_SDKS).then(|| {
        let kept: &'static ClientSdkInfo = Box::leak(Box::new(said.clone()));
        sdks.push(kept);
        kept
    })
}

/// Our panic hook is installed.
#[cfg(feature = "panic")]
pub(crate) static PANIC_HOOK: std::sync::Once = std::sync::Once::new();

thread_local! {
    static NOW: Now = const { Now { mode: Cell::new(Mode::Idle), gate: Cell::new(1), trail: Trail::new() } };
    /// Whether what is captured here is dropped at delivery's door: a hook of the program runs, or the thread is ours.
    static CAPTURES_MUTED: Cell<bool> = const { Cell::new(false) };
    /// Sentry's hub was gone when our state was first asked for: the thread is ending.
    static HUB_IS_GONE: Cell<bool> = const { Cell::new(false) };
    /// The distance of the last look for a client that does not know of us.
    static LOOK: Cell<u32> = const { Cell::new(1) };
    /// What is said of the event that is on its way to a client on this thread, until the scope has said its own.
    static SAID: RefCell<Option<(Uuid, Said)>> = const { RefCell::new(None) };
    static LOCAL: Local = Local::new();
}

/// What every call asks of its thread, in one place: to find a thread-local costs about as much as to read it.
pub(super) struct Now {
    mode: Cell<Mode>,
    /// How many calls may pass before the next one stops to look: 1 if the next does. An open call keeps it at 1.
    gate: Cell<u32>,
    /// The innermost calls, as long as nobody has looked at them.
    trail: Trail,
}

impl Now {
    #[inline(always)]
    pub(super) fn mode(&self) -> Mode {
        self.mode.get()
    }

    #[inline(always)]
    pub(super) fn set_mode(&self, mode: Mode) {
        self.mode.set(mode);
        self.gate.set(1);
    }

    #[inline(always)]
    pub(super) fn trail(&self) -> &Trail {
        &self.trail
    }
}

/// All of it at once, found once.
#[inline(always)]
pub(super) fn now<R>(f: impl FnOnce(&Now) -> R) -> R {
    NOW.with(f)
}

/// The thread's steps.
#[inline(always)]
pub(super) fn with_trail<R>(f: impl FnOnce(&Trail) -> R) -> R {
    NOW.with(|now| f(&now.trail))
}

/// The thread's mode: readable at any time, also while the thread ends.
#[inline(always)]
pub(crate) fn mode() -> Mode {
    NOW.with(|now| now.mode.get())
}
#[inline(always)]
pub(super) fn set_mode(mode: Mode) {
    NOW.with(|now| now.set_mode(mode));
}

/// The same at the end of a call, which has kept the gate where it is.
#[inline(always)]
pub(super) fn restore_mode(mode: Mode) {
    NOW.with(|now| now.mode.set(mode));
}

/// Whether an annotated call has nothing to do: the one check that every call pays.
#[inline(always)]
pub(crate) fn passes() -> bool {
    WANTED.load(Relaxed) == 0
        && NOW.with(|Now { gate, .. }| {
            let left = gate.get().wrapping_sub(1);
            if left != 0 {
                gate.set(left);
            }
            left != 0
        })
}

/// Whether a call that did not pass has nothing to do all the same. With nothing open and nothing wanted it may be one of
/// those that look for a client: the 1st, 2nd, 4th .. of a thread, then each 1024th.
#[inline(always)]
pub(super) fn idles() -> bool {
    mode() == Mode::Idle && wanted() == Wanted::Nothing && !look()
}

/// Runs `f` with annotated functions switched off on this thread.
pub(crate) fn muted<R>(f: impl FnOnce() -> R) -> R {
    struct Back(Mode);
    impl Drop for Back {
        fn drop(&mut self) {
            set_mode(self.0);
        }
    }
    let _back = Back(mode());
    set_mode(Mode::Muted);
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

/// Something is being said of an event, until this is dropped.
#[must_use]
#[derive(Debug)]
pub(crate) struct Saying(Option<(Uuid, Said)>);
impl Drop for Saying {
    fn drop(&mut self) {
        SAID.replace(self.0.take());
    }
}

/// Says something of the event of this id, which is about to be captured: it stands before what the scope says of everything.
pub(crate) fn say(id: Uuid, said: Said) -> Saying {
    // A processor on the scope may capture something itself.
    Saying(SAID.replace(Some((id, said))))
}

/// What is said of this event; told once.
pub(super) fn said(id: Uuid) -> Option<Said> {
    SAID.with_borrow_mut(|said| said.take_if(|(of, _)| *of == id)).map(|(_, said)| said)
}

const LOOK_AT_LEAST_EVERY: u32 = 1024;

/// Looks for a client that was set up without our integration; one that is there switches the engine on.
#[cold]
#[inline(never)]
fn look() -> bool {
    let distance = LOOK.get();
    NOW.with(|now| now.gate.set(distance));
    LOOK.set((distance * 2).min(LOOK_AT_LEAST_EVERY));
    let Some(client) = has_hub().then(|| Hub::current().client()).flatten() else { return false };
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

/// Nothing is recorded on this thread any more.
pub(super) fn note_gone_hub() {
    HUB_IS_GONE.set(true);
    set_mode(Mode::Muted);
}

/// Whether this thread has a hub still; it loses it when it ends.
pub(super) fn has_hub() -> bool {
    with(|_| !HUB_IS_GONE.get()) == Some(true)
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

/// Whether the hub is the main thread's, of which those of other threads are made.
pub(super) fn is_main_hub(hub: &Hub) -> bool {
    static MAIN: LazyLock<usize> = LazyLock::new(|| identity(&Hub::main()));
    std::ptr::from_ref(hub) as usize == *MAIN
}

/// What monitoring was last started with: where there is no client, nothing else tells of it.
static STARTED: Mutex<Option<Arc<Settings>>> = Mutex::new(None);

pub(crate) fn remember(settings: Arc<Settings>) {
    *STARTED.lock().unwrap_or_else(PoisonError::into_inner) = Some(settings);
}

pub(crate) fn remembered() -> Option<Arc<Settings>> {
    STARTED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_at_powers_of_two_then_each_1024th() {
        std::thread::spawn(|| {
            let stops: Vec<u32> = (1..=4096)
                .filter(|_| {
                    // Not by `passes`: other tests install clients meanwhile.
                    let left = NOW.with(|now| now.gate.get());
                    let stops = left <= 1;
                    if stops {
                        look();
                    } else {
                        NOW.with(|now| now.gate.set(left - 1));
                    }
                    stops
                })
                .collect();
            assert_eq!(stops, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3072, 4096]);
        })
        .join()
        .expect("the thread ends well");
    }
}
