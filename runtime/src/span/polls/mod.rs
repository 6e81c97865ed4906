//! Busy and idle: how a future was polled, and whether one of its polls held up all others.
//!
//! The span of a future says how often it was polled, how long in all and how long at most. A poll that takes longer than the
//! client allows is told at once (`blocked.rs`). Where nothing is sampled nothing is read and nothing is kept.

mod blocked;

use std::time::Duration;

use sentry_core::protocol::Value;

pub(super) use self::blocked::{limit, told};
use super::clock::{Instant, between};
use super::state::Local;
use crate::context::millis;

/// One poll of a future is over; the frame is still open. Without a start, the poll began when the span did.
pub(super) fn polled(local: &Local, depth: u32, start: Instant, polls: &mut Polls) {
    let start = {
        let frames = local.frames().borrow();
        let Some(frame) = frames.get(depth as usize - 1).filter(|frame| frame.id != 0) else { return };
        if start == Instant::ZERO { frame.start } else { start }
    };
    let end = Instant::now();
    let took = polls.add(start, end);
    told(local, depth, start, end, took);
}

/// How a future was polled: how often, how long in all, how long at most.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Polls {
    pub(super) count: u32,
    pub(super) busy: Duration,
    pub(super) longest: Duration,
}

impl Polls {
    /// Adds one poll and tells its duration.
    pub(super) fn add(&mut self, start: Instant, end: Instant) -> Duration {
        let took = between(start, end);
        self.count = self.count.saturating_add(1);
        self.busy += took;
        self.longest = self.longest.max(took);
        took
    }

    /// As data of the span.
    pub(super) fn tell(self, mut set: impl FnMut(&str, Value)) {
        set("async.polls", self.count.into());
        set("async.busy_ms", millis(self.busy).into());
        set("async.longest_poll_ms", millis(self.longest).into());
    }
}
