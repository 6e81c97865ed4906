//! Telling of the same thing only once in a while.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many things are remembered at once. Beyond it new ones are not told of until others are forgotten.
const MOST: usize = 1024;

/// Lets each of many things tell of itself at most once in a while: a slow statement, a pool without a free connection.
///
/// ```
/// use std::time::Duration;
/// use watchpost::capture::Pace;
///
/// static TOLD: Pace = Pace::once_in(Duration::from_secs(60));
///
/// assert!(TOLD.admits("the cellar is full"));
/// assert!(!TOLD.admits("the cellar is full"), "not within the same minute");
/// assert!(TOLD.admits("the attic is full"));
/// ```
#[derive(Debug)]
pub struct Pace {
    every: Duration,
    told: Mutex<BTreeMap<u64, Instant>>,
}

impl Pace {
    /// Each thing once in so long.
    pub const fn once_in(every: Duration) -> Self {
        Self { every, told: Mutex::new(BTreeMap::new()) }
    }

    /// Whether it may be told of now. If so, it counts as told.
    pub fn admits(&self, what: impl Hash) -> bool {
        self.admits_at(what, Instant::now())
    }

    fn admits_at(&self, what: impl Hash, now: Instant) -> bool {
        let mut hasher = DefaultHasher::new();
        what.hash(&mut hasher);
        let what = hasher.finish();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |last: &Instant| now.saturating_duration_since(*last) >= self.every;
        if told.get(&what).is_some_and(|last| !is_over(last)) {
            return false;
        }
        if told.len() >= MOST {
            told.retain(|_, last| !is_over(last));
        }
        if told.len() >= MOST {
            return false;
        }
        told.insert(what, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_in_a_while_and_never_without_end() {
        let (pace, now) = (Pace::once_in(Duration::from_secs(60)), Instant::now());
        assert!(pace.admits_at("a", now) && !pace.admits_at("a", now + Duration::from_secs(59)));
        assert!(pace.admits_at("a", now + Duration::from_secs(60)));
        let admitted = (0..2 * MOST).filter(|number| pace.admits_at(number, now + Duration::from_secs(61))).count();
        assert_eq!(admitted, MOST - 1, "one place is taken");
        assert!(pace.admits_at("b", now + Duration::from_secs(200)), "those that are over are forgotten");
    }
}
