//! The thread that takes envelopes out of the spool and to the server.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sentry_core::sentry_debug;

use super::super::carrier::{Parcel, judge};
use super::super::counts::{DropReason, Tally, Verdict};
use super::super::hooks;
use super::super::http::Answer;
use super::super::limits::Limits;
use super::super::losses;
use super::super::store::{Keep, Way};
use super::file::{self, Label};
use super::home::{Home, micros};
use super::index::{Entry, Index, Key};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often what other processes left is looked for. At first more often: a restart's old process may be about to end.
const ADOPTION: Duration = Duration::from_secs(30);
const FIRST_ADOPTION: Duration = Duration::from_secs(1);
/// How often limits are looked at that hold something back.
const LIMITED: Duration = Duration::from_secs(1);
/// Envelopes that may wait in memory when the disk takes none.
const IN_MEMORY: usize = 100;

/// What the worker, the sender and whoever flushes have in common.
pub(super) struct Shared {
    way: Way,
    home: Home,
    max_bytes: u64,
    number: AtomicU64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    index: Index,
    limits: Limits,
    /// Bytes of other processes that live.
    others: u64,
    busy: bool,
    /// No try before then: the server is not there.
    pause: Option<Instant>,
    last_pause: Duration,
    /// How often the server was not there.
    outages: u64,
    /// Someone waits for a flush: pauses do not hold.
    flushers: u32,
    closed: bool,
}

/// What the sender does next.
enum Next {
    Try(Key, Box<Entry>),
    /// Looks again, also at what others left.
    Look,
    End,
}

impl Shared {
    pub(super) fn start(home: Home, max_bytes: u64, way: Way) -> Arc<Self> {
        let shared = Arc::new(Self {
            way,
            home,
            max_bytes,
            number: AtomicU64::new(0),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let theirs = Arc::clone(&shared);
        // Without a thread everything is kept, for a process that has one.
        let started = thread::Builder::new().name("watchpost-spool".into()).spawn(move || theirs.run());
        if let Err(error) = started {
            sentry_debug!("nothing is sent from the spool: {error}");
        }
        shared
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        hooks::mute_this_thread();
        let (mut adopted, mut interval) = (Instant::now(), FIRST_ADOPTION);
        self.adopt();
        loop {
            if adopted.elapsed() >= interval {
                self.adopt();
                (adopted, interval) = (Instant::now(), (interval * 2).min(ADOPTION));
            }
            let (key, entry) = match self.next(interval) {
                Next::Try(key, entry) => (key, entry),
                Next::Look => continue,
                Next::End => return,
            };
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| self.try_one(key, *entry))) {
                // The file is still there, for the next process.
                std::mem::forget(payload);
            }
            self.state().busy = false;
            self.changed.notify_all();
        }
    }

    fn next(&self, patience: Duration) -> Next {
        let mut state = self.state();
        if state.closed {
            return Next::End;
        }
        let now = Instant::now();
        let wait = match state.pause.filter(|until| *until > now && state.flushers == 0) {
            Some(until) => until.saturating_duration_since(now),
            None => match state.eligible(now, u64::MAX) {
                Some(key) => {
                    if let Some(entry) = state.index.take(key) {
                        state.busy = true;
                        return Next::Try(key, Box::new(entry));
                    }
                    LIMITED
                }
                None if state.index.is_empty() => patience,
                None => LIMITED.min(state.index.next_time(now)),
            },
        };
        drop(self.changed.wait_timeout(state, wait.min(patience)).unwrap_or_else(PoisonError::into_inner));
        Next::Look
    }

    fn adopt(&self) {
        let (found, others) = self.home.adopt(|| self.number.fetch_add(1, Relaxed));
        self.state().others = others;
        for key in found {
            // Read without the lock: many may be found, and what is captured meanwhile must be written down.
            let path = self.home.path(key);
            if let Ok((label, bytes)) = file::label(&path) {
                self.way.counters.recover(&label.items);
                self.way.counters.keep(&label.items, bytes);
                self.state().index.insert(key, Entry::new(bytes, label.items, None));
            } else {
                sentry_debug!("a spooled envelope cannot be read and is dropped");
                let _ = fs::remove_file(path);
                self.way.counters.recover(&Tally::OTHER);
                self.way.counters.settle(&Verdict::lost(DropReason::Internal, &Tally::OTHER));
            }
        }
        self.make_room(self.state());
    }

    fn try_one(&self, key: Key, mut entry: Entry) {
        let in_memory = entry.in_memory.is_some();
        let read = match entry.in_memory.take() {
            Some(whole) => Ok(whole),
            None => file::read(&self.home.path(key)),
        };
        let (label, envelope) = match read {
            Ok(read) => read,
            Err(error) => {
                sentry_debug!("a spooled envelope cannot be read and is dropped: {error}");
                return self.lose(key, &entry, None, DropReason::Internal);
            }
        };
        let answer = self.way.http.post(&envelope);
        let now = Instant::now();
        let mut state = self.state();
        if let Answer::Status { code, rate_limits, retry_after } = &answer {
            state.limits.learn(now, *code, rate_limits.as_deref(), *retry_after);
        }
        let reason = judge(&answer);
        // An answer, but for that of a server that cannot, means that the server is there.
        let out = matches!(reason, Some(DropReason::Network | DropReason::NoAnswer | DropReason::ServerError));
        if !out {
            (state.pause, state.last_pause) = (None, Duration::ZERO);
        }
        match reason {
            None => {
                // The file first: a process that is killed after this does not send it again.
                let _ = fs::remove_file(self.home.path(key));
                state.index.succeeded();
                self.way.counters.release(&entry.items, entry.bytes);
                self.way.counters.settle(&Verdict { delivered: entry.items, ..Verdict::default() });
            }
            Some(reason) if entry.items.total() == 0 || is_final(reason) => {
                drop(state);
                self.lose(key, &entry, Some(&label), reason);
            }
            Some(reason) => {
                let pause = if out { (state.last_pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE) } else { FIRST_PAUSE };
                // Spread by a quarter, so that processes that lost one server do not come back as one.
                let until = now + pause + (pause / 4).mul_f64(f64::from((micros() % 1000) as u16) / 1000.0);
                if out {
                    (state.pause, state.last_pause) = (Some(until), pause);
                    state.outages += u64::from(reason != DropReason::ServerError);
                }
                if in_memory {
                    entry.in_memory = Some((label.clone(), envelope));
                }
                let blames = matches!(reason, DropReason::ServerError | DropReason::NoAnswer);
                if let Some(entry) = state.index.failed(key, entry, blames, until) {
                    drop(state);
                    self.lose(key, &entry, Some(&label), reason);
                }
            }
        }
    }

    fn lose(&self, key: Key, entry: &Entry, label: Option<&Label>, reason: DropReason) {
        let _ = fs::remove_file(self.home.path(key));
        losses::report(&self.way.recorder, label.map_or(&[], |label| &label.losses), reason);
        self.way.counters.release(&entry.items, entry.bytes);
        self.way.counters.settle(&Verdict::lost(reason, &entry.items));
    }

    /// Lets the oldest go while there is more than there may be.
    fn make_room(&self, mut state: MutexGuard<'_, State>) {
        let mut evicted = Vec::new();
        while state.index.bytes() + state.others > self.max_bytes {
            match state.index.evict() {
                Some(entry) => evicted.push(entry),
                None => break,
            }
        }
        drop(state);
        for (key, entry) in evicted {
            let label = file::label(&self.home.path(key)).ok();
            self.lose(key, &entry, label.as_ref().map(|(label, _)| label), DropReason::SpoolFull);
        }
        self.changed.notify_all();
    }
}

impl State {
    fn eligible(&self, now: Instant, created: u64) -> Option<Key> {
        self.index.eligible(now, created, |kind| self.limits.refuses(now, kind))
    }
}

/// Whether the same envelope would meet the same answer.
fn is_final(reason: DropReason) -> bool {
    matches!(reason, DropReason::TooLarge | DropReason::Refused)
}

impl Keep for Shared {
    fn keep(&self, parcel: Parcel) {
        let items = Tally::of(parcel.envelope.items());
        let label = Label::new(&parcel.bytes, items, losses::weigh(&parcel.envelope));
        let key = Key::new(&items, micros(), self.number.fetch_add(1, Relaxed));
        // A report of losses alone is worth a try, and not a place.
        let written =
            (items.total() > 0).then(|| file::write(&self.home.path(key), &label, &parcel.bytes).ok()).flatten();
        let mut state = self.state();
        let entry = match written {
            Some(bytes) => Entry::new(bytes, items, None),
            None if state.index.in_memory() < IN_MEMORY => Entry::new(0, items, Some((label, parcel.bytes))),
            None => {
                drop(state);
                losses::report(&self.way.recorder, &label.losses, DropReason::SpoolFull);
                return self.way.counters.settle(&Verdict::lost(DropReason::SpoolFull, &items));
            }
        };
        self.way.counters.keep(&items, entry.bytes);
        state.index.insert(key, entry);
        self.make_room(state);
    }

    fn settle(&self, deadline: Instant) -> bool {
        let mut state = self.state();
        let (outages, before) = (state.outages, micros());
        state.flushers += 1;
        state.index.urge();
        self.changed.notify_all();
        let settled = loop {
            let now = Instant::now();
            if !state.busy && state.eligible(now, before).is_none() {
                break state.index.is_empty();
            }
            let time = deadline.saturating_duration_since(now);
            if state.outages > outages || state.closed || time.is_zero() {
                break false;
            }
            state = self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0;
        };
        state.flushers -= 1;
        settled
    }

    fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }
}
