//! What came in.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::envelope::{Envelope, Malformed};
use super::failure::Failure;
use super::item::Item;

/// One HTTP request, as it was answered.
#[derive(Debug, Clone)]
pub struct Request {
    /// When it came.
    pub received_at: SystemTime,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body's length as it went over the wire.
    pub wire_length: usize,
    /// The body after decompression; as it came where that was not possible.
    pub body: Vec<u8>,
    /// What became of it.
    pub answer: Answer,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The envelope was taken.
    Taken,
    /// It broke the rules of envelopes.
    Malformed(Malformed),
    /// The request was not one that brings an envelope, or could not be read; with the HTTP status.
    Refused(u16),
    /// The receiver misbehaved as it was told to.
    Failed(Failure),
}

/// Everything that came, and the way to misbehave next.
#[derive(Debug, Default)]
pub(super) struct Store {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct State {
    requests: Vec<Request>,
    items: Vec<Item>,
    /// How many of the newest items are kept; all where nothing is said.
    most: Option<usize>,
    /// What is still to go wrong, in this order; without a number, for ever.
    failures: VecDeque<(Failure, Option<usize>)>,
}

impl Store {
    /// Keeps a request, and the items of its envelope where it was taken.
    pub(super) fn keep(&self, mut request: Request, envelope: Option<Envelope>) {
        let mut state = self.state();
        if let Some(envelope) = envelope {
            let index = state.requests.len();
            state.items.extend(Item::all(envelope, index, request.received_at));
        }
        if let Some(most) = state.most {
            (request.body, request.headers) = (Vec::new(), Vec::new());
            if request.answer == Answer::Taken {
                (request.method, request.target) = (String::new(), String::new());
            }
            // In strides, so that what is left moves up once in a while and not with each item.
            if state.items.len() > most + most / 8 {
                let old = state.items.len() - most;
                state.items.drain(..old);
            }
        }
        state.requests.push(request);
        drop(state);
        self.arrived.notify_all();
    }

    pub(super) fn limit(&self, most: usize) {
        self.state().most = Some(most);
    }

    pub(super) fn items(&self) -> Vec<Item> {
        self.state().items.clone()
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    pub(super) fn wait_for(&self, timeout: Duration, enough: impl Fn(&[Item]) -> bool) -> bool {
        let deadline = Instant::now() + timeout;
        let mut state = self.state();
        loop {
            if enough(&state.items) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.arrived.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The requests after the first `seen`, and their items, as soon as there are some; nothing when `timeout` has passed.
    pub(super) fn since(&self, seen: usize, timeout: Duration) -> (Vec<Request>, Vec<Item>) {
        let deadline = Instant::now() + timeout;
        let mut state = self.state();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if state.requests.len() > seen || left.is_zero() {
                let from = state.items.partition_point(|item| item.request < seen);
                return (state.requests.get(seen..).unwrap_or_default().to_vec(), state.items[from..].to_vec());
            }
            state = self.arrived.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Shows everything that came, without a copy.
    pub(super) fn show<R>(&self, view: impl FnOnce(&[Item], &[Request]) -> R) -> R {
        let state = self.state();
        view(&state.items, &state.requests)
    }

    /// Goes wrong in this order, in the place of what was to go wrong before.
    pub(super) fn fail(&self, failures: impl IntoIterator<Item = (Failure, Option<usize>)>) {
        self.state().failures = failures.into_iter().collect();
    }

    /// The way to misbehave for the request at hand.
    pub(super) fn next_failure(&self) -> Option<Failure> {
        let mut state = self.state();
        while state.failures.front().is_some_and(|(_, times)| *times == Some(0)) {
            state.failures.pop_front();
        }
        let (failure, times) = state.failures.front_mut()?;
        if let Some(left) = times {
            *left -= 1;
        }
        Some(failure.clone())
    }

    pub(super) fn clear(&self) {
        let mut state = self.state();
        state.requests.clear();
        state.items.clear();
    }

    // A panic under the lock leaves whole values behind: each is pushed at once.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
