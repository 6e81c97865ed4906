//! The bounded queue between the program's threads and the one worker.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sentry_core::Envelope;
use sentry_core::protocol::EnvelopeItem;

use super::counts::Tally;
use crate::span::Spans;

/// What waits: an envelope, and what is still to be put into its transaction. That is left to the worker.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) envelope: Envelope,
    pub(super) spans: Option<Spans>,
}

impl Waiting {
    /// The envelope with everything in it.
    pub(super) fn into_whole(self) -> Envelope {
        let Self { mut envelope, spans } = self;
        if let Some(spans) = spans {
            spans.put_into(&mut envelope);
        }
        envelope
    }
}

/// Envelopes wait here, errors, check-ins and sessions before transactions, logs and metrics. Adding never blocks.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    work: Condvar,
    settled: Condvar,
    capacity: usize,
}

#[derive(Debug, Default)]
struct State {
    urgent: Lane,
    bulk: Lane,
    /// The envelope the worker is at.
    busy: Option<(Urgency, Tally)>,
    phase: Phase,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Waiting>,
    entered: u64,
    left: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Urgency {
    Urgent,
    Bulk,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// Nothing more comes in; the worker drains what waits.
    Closing,
    /// The time was over: the worker's present envelope is no longer counted.
    Abandoned,
}

/// What an envelope met at the queue's door.
#[derive(Debug)]
pub(super) enum Admission {
    /// It waits.
    Waits,
    /// It waits; this less urgent one had to make room.
    InPlaceOf(Box<Waiting>),
    /// No room.
    Full(Box<Waiting>),
    /// Shut down.
    Closed(Box<Waiting>),
}

impl Urgency {
    fn of(envelope: &Envelope) -> Self {
        match envelope.items().next() {
            Some(EnvelopeItem::Transaction(_) | EnvelopeItem::ItemContainer(_) | EnvelopeItem::ClientReport(_)) => {
                Self::Bulk
            }
            _ => Self::Urgent,
        }
    }
}

impl State {
    fn lane(&mut self, urgency: Urgency) -> &mut Lane {
        match urgency {
            Urgency::Urgent => &mut self.urgent,
            Urgency::Bulk => &mut self.bulk,
        }
    }

    fn waiting(&self) -> usize {
        self.urgent.waiting.len() + self.bulk.waiting.len()
    }
}

impl Queue {
    pub(super) fn new(capacity: NonZeroUsize) -> Self {
        Self { state: Mutex::default(), work: Condvar::new(), settled: Condvar::new(), capacity: capacity.get() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an envelope in, or gives back the one that is lost for it.
    pub(super) fn push(&self, waiting: Waiting) -> Admission {
        let urgency = Urgency::of(&waiting.envelope);
        let mut state = self.state();
        if state.phase != Phase::Open {
            return Admission::Closed(Box::new(waiting));
        }
        let mut evicted = None;
        if state.waiting() >= self.capacity {
            if urgency == Urgency::Bulk {
                return Admission::Full(Box::new(waiting));
            }
            let Some(victim) = state.bulk.waiting.pop_front() else {
                return Admission::Full(Box::new(waiting));
            };
            state.bulk.left += 1;
            evicted = Some(victim);
        }
        let lane = state.lane(urgency);
        lane.waiting.push_back(waiting);
        lane.entered += 1;
        drop(state);
        self.work.notify_one();
        match evicted {
            Some(victim) => Admission::InPlaceOf(Box::new(victim)),
            None => Admission::Waits,
        }
    }

    /// The next envelope, as soon as there is one; `None` when the queue is closed and empty.
    pub(super) fn next(&self) -> Option<Waiting> {
        let mut state = self.state();
        loop {
            for urgency in [Urgency::Urgent, Urgency::Bulk] {
                if let Some(waiting) = state.lane(urgency).waiting.pop_front() {
                    state.busy = Some((urgency, Tally::of_envelope(&waiting.envelope)));
                    return Some(waiting);
                }
            }
            if state.phase != Phase::Open {
                return None;
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The worker is done with its envelope; `count` runs unless the envelope was given up meanwhile.
    pub(super) fn done(&self, count: impl FnOnce()) {
        let mut state = self.state();
        let Some((urgency, _)) = state.busy.take() else { return };
        if state.phase != Phase::Abandoned {
            count();
        }
        state.lane(urgency).left += 1;
        drop(state);
        self.settled.notify_all();
    }

    /// Waits until what is in the queue now has been dealt with; false when the time was over first.
    pub(super) fn flush(&self, deadline: Instant) -> bool {
        let mut state = self.state();
        let (urgent, bulk) = (state.urgent.entered, state.bulk.entered);
        while state.urgent.left < urgent || state.bulk.left < bulk {
            if state.phase == Phase::Abandoned {
                return false;
            }
            let Some(time) = deadline.checked_duration_since(Instant::now()).filter(|time| !time.is_zero()) else {
                return false;
            };
            state = self.settled.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Takes nothing more in; what waits is still dealt with.
    pub(super) fn close(&self) {
        let mut state = self.state();
        if state.phase == Phase::Open {
            state.phase = Phase::Closing;
        }
        drop(state);
        self.work.notify_all();
    }

    /// Gives up what is left; `count` learns how much that is, the worker's present envelope included.
    pub(super) fn abandon(&self, count: impl FnOnce(Tally)) {
        let mut state = self.state();
        if state.phase == Phase::Abandoned {
            return;
        }
        state.phase = Phase::Abandoned;
        let mut given_up = state.busy.map_or_else(Tally::default, |(_, tally)| tally);
        for urgency in [Urgency::Urgent, Urgency::Bulk] {
            for waiting in state.lane(urgency).waiting.drain(..) {
                given_up.merge(&Tally::of_envelope(&waiting.envelope));
            }
        }
        count(given_up);
        drop(state);
        self.work.notify_all();
        self.settled.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sentry_core::protocol::{Event, Transaction};

    use super::*;
    use crate::delivery::counts::Kind;

    fn event() -> Waiting {
        Waiting { envelope: Event::default().into(), spans: None }
    }
    fn transaction() -> Waiting {
        Waiting { envelope: Transaction::default().into(), spans: None }
    }
    fn queue(capacity: usize) -> Queue {
        Queue::new(NonZeroUsize::new(capacity).unwrap())
    }
    fn is_event(waiting: &Waiting) -> bool {
        waiting.envelope.event().is_some()
    }

    #[test]
    fn errors_go_first_and_push_out_transactions_when_there_is_no_room() {
        let queue = queue(2);
        assert!(matches!(queue.push(transaction()), Admission::Waits));
        assert!(matches!(queue.push(event()), Admission::Waits));
        assert!(matches!(queue.push(transaction()), Admission::Full(lost) if !is_event(&lost)));
        assert!(matches!(queue.push(event()), Admission::InPlaceOf(lost) if !is_event(&lost)));
        assert!(matches!(queue.push(event()), Admission::Full(lost) if is_event(&lost)));
        assert!(is_event(&queue.next().unwrap()));
        queue.done(|| ());
        queue.push(transaction());
        assert!(is_event(&queue.next().unwrap()));
        queue.done(|| ());
        assert!(!is_event(&queue.next().unwrap()));
    }

    #[test]
    fn flush_waits_for_the_envelope_under_way_and_ends_at_its_limit() {
        let queue = queue(2);
        queue.push(event());
        let envelope = queue.next();
        assert!(envelope.is_some());
        assert!(!queue.flush(Instant::now() + Duration::from_millis(5)));
        queue.done(|| ());
        assert!(queue.flush(Instant::now()));
    }

    #[test]
    fn what_is_given_up_is_counted_once() {
        let queue = queue(9);
        queue.push(event());
        queue.push(event());
        queue.push(transaction());
        assert!(queue.next().is_some());
        let mut lost = Tally::default();
        queue.abandon(|tally| lost = tally);
        assert_eq!((lost.get(Kind::Event), lost.get(Kind::Transaction)), (2, 1));
        queue.done(|| panic!("counted again"));
        assert!(matches!(queue.push(event()), Admission::Closed(_)));
        assert!(queue.next().is_none());
    }
}
