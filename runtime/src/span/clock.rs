//! Reading time cheaply, and telling it as wall time once.

use std::time::{Duration, SystemTime};

pub(crate) use fastant::Instant;

/// Where the cheap clock and the wall clock stood at one moment. Taken once a root, so that neither drift of the one nor
/// steps of the other bend the spans within it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor {
    wall: SystemTime,
    at: Instant,
}

impl Anchor {
    pub(super) fn now() -> Self {
        Self { wall: SystemTime::now(), at: Instant::now() }
    }

    /// The wall time of `instant`, seen from here.
    pub(super) fn wall(&self, instant: Instant) -> SystemTime {
        let told = if instant >= self.at {
            self.wall.checked_add(instant.duration_since(self.at))
        } else {
            self.wall.checked_sub(self.at.duration_since(instant))
        };
        told.unwrap_or(self.wall)
    }
}

/// The time between two readings. Zero where the clock went backwards: without a time stamp counter it is the wall
/// clock, and a span that ends before it starts makes the receiver refuse its whole transaction.
pub(super) fn between(start: Instant, end: Instant) -> Duration {
    end.saturating_duration_since(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_time_follows_the_system_clock() {
        let anchor = Anchor::now();
        std::thread::sleep(Duration::from_millis(30));
        let (before, told, after) = (SystemTime::now(), anchor.wall(Instant::now()), SystemTime::now());
        let slack = Duration::from_millis(5);
        assert!(told + slack >= before, "{told:?} is long before {before:?}");
        assert!(told <= after + slack, "{told:?} is long after {after:?}");
    }

    #[test]
    fn a_moment_before_the_anchor_is_told_too() {
        let early = Instant::now();
        std::thread::sleep(Duration::from_millis(2));
        let anchor = Anchor::now();
        assert!(anchor.wall(early) < anchor.wall);
        assert_eq!(between(anchor.at, early), Duration::ZERO);
    }
}
