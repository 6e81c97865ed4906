//! The storm guard: a broken dependency must not eat the quota.
//!
//! Of one kind of error so many events a minute are sent; the rest are counted, and when the minute is over one event tells
//! how many there were. No clock runs for it: a minute's end is seen at the next event of any kind, and at a flush.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sentry_core::Level;

/// What the limit is per.
const WINDOW: Duration = Duration::from_secs(60);
/// How many kinds of errors are watched at once. Beyond it new ones are let through.
const MOST_KINDS: usize = 1024;

/// Counts the events of each kind.
#[derive(Debug, Default)]
pub(crate) struct Storm {
    limit: Option<u32>,
    kinds: Mutex<Kinds>,
}

#[derive(Debug, Default)]
struct Kinds {
    windows: HashMap<u64, Window>,
    /// When the next window may be over.
    look_at: Option<Instant>,
}

#[derive(Debug)]
struct Window {
    since: Instant,
    sent: u32,
    about: About,
    dropped: u64,
}

/// What the summary says of the events that were not sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct About {
    pub title: String,
    pub category: Option<String>,
    pub level: Level,
}

/// A minute in which not all events were sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    pub about: About,
    pub dropped: u64,
}

impl Storm {
    /// So many events of a kind a minute; none for no limit.
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self { limit, kinds: Mutex::default() }
    }

    /// Whether an event of this kind may be sent now.
    pub(crate) fn admits(&self, kind: impl FnOnce() -> u64, now: Instant, about: impl FnOnce() -> About) -> bool {
        let Some(limit) = self.limit else { return true };
        let kind = kind();
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let full = kinds.windows.len() >= MOST_KINDS;
        let admitted = match kinds.windows.entry(kind) {
            Entry::Vacant(_) if full => true,
            Entry::Vacant(vacant) => {
                vacant.insert(Window { since: now, sent: 1, about: about(), dropped: 0 });
                true
            }
            Entry::Occupied(mut window) => {
                let window = window.get_mut();
                // A window that is over and dropped nothing has nothing to tell: it begins anew.
                if window.dropped == 0 && now.duration_since(window.since) >= WINDOW {
                    (window.since, window.sent) = (now, 0);
                }
                if window.sent < limit {
                    window.sent += 1;
                    true
                } else {
                    window.dropped += 1;
                    false
                }
            }
        };
        let end = now + WINDOW;
        kinds.look_at = Some(kinds.look_at.map_or(end, |at| at.min(end)));
        admitted
    }

    /// The minutes that are over.
    pub(crate) fn over(&self, now: Instant) -> Vec<Summary> {
        if self.limit.is_none() {
            return Vec::new();
        }
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        if kinds.look_at.is_none_or(|at| now < at) {
            return Vec::new();
        }
        let mut over = Vec::new();
        kinds.windows.retain(|_, window| {
            let is_over = now.duration_since(window.since) >= WINDOW;
            if is_over {
                over.extend(window.summary());
            }
            !is_over
        });
        kinds.look_at = kinds.windows.values().map(|window| window.since + WINDOW).min();
        over
    }

    /// What there is to tell by now; minutes go on.
    pub(crate) fn so_far(&self) -> Vec<Summary> {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.windows.values_mut().filter_map(Window::summary).collect()
    }
}

impl Window {
    fn summary(&mut self) -> Option<Summary> {
        let dropped = std::mem::take(&mut self.dropped);
        (dropped > 0).then(|| Summary { about: self.about.clone(), dropped })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        About { title: "PaymentError::Timeout".into(), category: None, level: Level::Error }
    }

    #[test]
    fn ten_a_minute_then_one_summary() {
        let (storm, start) = (Storm::new(Some(10)), Instant::now());
        let sent = (0..300).filter(|_| storm.admits(|| 1, start, about)).count();
        assert_eq!(sent, 10);
        assert!(storm.admits(|| 2, start, about), "another kind has its own ten");
        assert_eq!(storm.over(start + Duration::from_secs(59)), []);
        assert_eq!(storm.over(start + WINDOW), [Summary { about: about(), dropped: 290 }]);
        assert_eq!(storm.over(start + WINDOW * 2), [], "told once");
        assert!(storm.admits(|| 1, start + WINDOW * 2, about), "and the next minute begins anew");
    }

    #[test]
    fn a_minute_without_drops_is_not_told_and_begins_anew() {
        let (storm, start) = (Storm::new(Some(1)), Instant::now());
        assert!(storm.admits(|| 1, start, about));
        assert!(storm.admits(|| 1, start + WINDOW, about));
        assert!(!storm.admits(|| 1, start + WINDOW, about));
        assert_eq!(storm.so_far(), [Summary { about: about(), dropped: 1 }]);
        assert!(!storm.admits(|| 1, start + WINDOW, about), "what was told does not begin a new minute");
        assert_eq!(storm.so_far(), [Summary { about: about(), dropped: 1 }]);
    }

    #[test]
    fn no_limit_no_guard() {
        let storm = Storm::new(None);
        assert!((0..100).all(|_| storm.admits(|| 1, Instant::now(), about)));
        assert_eq!(storm.so_far(), []);
    }

    #[test]
    fn kinds_without_end_are_let_through_and_not_kept() {
        let (storm, now) = (Storm::new(Some(1)), Instant::now());
        for kind in 0..2 * MOST_KINDS as u64 {
            assert!(storm.admits(|| kind, now, about));
        }
        let kept = storm.kinds.lock().expect("not poisoned").windows.len();
        assert_eq!(kept, MOST_KINDS);
    }
}
