//! How a future was polled.

use std::time::Duration;

use sentry_core::protocol::Value;

use super::clock::{Instant, between};
use super::handover::millis;

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
