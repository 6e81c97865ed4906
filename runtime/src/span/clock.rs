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
    /// Where no time is told.
    pub(super) const NEVER: Self = Self { wall: SystemTime::UNIX_EPOCH, at: Instant::ZERO };

    pub(super) fn now() -> Self {
        // The two cannot be read at once. Where the thread was interrupted in between, all that is told from here would be
        // off by as much: such a reading is not taken, or not before a few more have been no better.
        let mut tries = 0;
        loop {
            let before = Instant::now();
            let wall = SystemTime::now();
            let at = Instant::now();
            tries += 1;
            if between(before, at) < Duration::from_micros(2) || tries == 4 {
                return Self { wall, at: before };
            }
        }
    }

    /// The wall time of the anchor itself, and the cheap clock's.
    pub(super) fn moment(&self) -> (SystemTime, Instant) {
        (self.wall, self.at)
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
