//! Copies for a local Spotlight. Whatever becomes of them, delivery does not notice.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sentry_core::sentry_debug;

use super::counts::Counters;
use super::hooks;
use super::http::{Answer, Http};

/// Copies that wait. Spotlight itself keeps some hundreds.
const CAPACITY: usize = 200;
const PATIENCE: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The way to Spotlight. Dropping it lets the thread finish and go.
#[derive(Debug)]
pub(super) struct Spotlight(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Vec<u8>>,
    busy: bool,
    closed: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Vec<u8>> {
        let mut state = self.state();
        state.busy = false;
        self.changed.notify_all();
        loop {
            if let Some(copy) = state.waiting.pop_front() {
                state.busy = true;
                return Some(copy);
            }
            if state.closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Spotlight {
    /// Starts the copier; `None` when there is no thread to be had.
    pub(super) fn start(url: String, counters: Arc<Counters>) -> Option<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let run = move || copy(&theirs, &Http::local(url, PATIENCE), &counters);
        thread::Builder::new().name("watchpost-spotlight".into()).spawn(run).ok()?;
        Some(Self(shared))
    }

    /// Leaves a copy; the oldest makes room when too many wait.
    pub(super) fn copy(&self, envelope: Vec<u8>, counters: &Counters) {
        let mut state = self.0.state();
        if state.waiting.len() >= CAPACITY {
            state.waiting.pop_front();
            counters.spotlight_lost.fetch_add(1, Relaxed);
        }
        state.waiting.push_back(envelope);
        drop(state);
        self.0.changed.notify_all();
    }

    /// Waits until no copy waits, or until `deadline`.
    pub(super) fn settle(&self, deadline: Instant) {
        let mut state = self.0.state();
        while state.busy || !state.waiting.is_empty() {
            let Some(time) = deadline.checked_duration_since(Instant::now()).filter(|time| !time.is_zero()) else {
                return;
            };
            state = self.0.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Spotlight {
    fn drop(&mut self) {
        self.0.state().closed = true;
        self.0.changed.notify_all();
    }
}

fn copy(shared: &Shared, spotlight: &Http, counters: &Counters) {
    hooks::mute_this_thread();
    let mut pause = FIRST_PAUSE;
    let mut closed_until: Option<Instant> = None;
    while let Some(envelope) = shared.next() {
        let now = Instant::now();
        if closed_until.is_some_and(|until| until > now) {
            counters.spotlight_lost.fetch_add(1, Relaxed);
            continue;
        }
        match spotlight.post(&envelope) {
            Answer::Status { code, .. } if code < 400 => {
                counters.spotlight_sent.fetch_add(1, Relaxed);
                (pause, closed_until) = (FIRST_PAUSE, None);
            }
            answer => {
                sentry_debug!("Spotlight did not take a copy ({answer:?}); none for {pause:?}");
                counters.spotlight_lost.fetch_add(1, Relaxed);
                closed_until = now.checked_add(pause);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
