//! Breadcrumbs of our own, kept apart from the program's so that they never push those out.

use std::collections::VecDeque;
use std::time::Duration;

use sentry_core::protocol::{Breadcrumb, Event, Map, Value};
use sentry_core::{ClientOptions, Level};

use crate::CallSite;

/// The category of the breadcrumbs of annotated functions.
const FUNCTION: &str = "function";

/// How many breadcrumbs one root keeps of its annotated functions. An event takes no more of them than half of what it
/// may have in all.
const KEPT: usize = 50;

/// The last few breadcrumbs of a root.
#[derive(Debug, Default)]
pub(super) struct Crumbs(VecDeque<Breadcrumb>);

impl Crumbs {
    pub(super) fn push(&mut self, crumb: Breadcrumb) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(crumb);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Breadcrumb> {
        self.0.iter()
    }
}

impl IntoIterator for Crumbs {
    type Item = Breadcrumb;
    type IntoIter = std::collections::vec_deque::IntoIter<Breadcrumb>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// An annotated function failed with an error of this name.
pub(super) fn failed(site: &CallSite, ty: &str, data: Map<String, Value>) -> Breadcrumb {
    Breadcrumb {
        ty: "error".into(),
        category: Some(FUNCTION.into()),
        level: Level::Warning,
        message: Some(format!("{} failed: {ty}", site.name())),
        data,
        ..Breadcrumb::default()
    }
}

/// An annotated function took longer than it should.
pub(super) fn slow(name: &str, took: Duration) -> Breadcrumb {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    Breadcrumb {
        category: Some(FUNCTION.into()),
        level: Level::Warning,
        message: Some(format!("{name} was slow")),
        data: Map::from_iter([("duration_ms".to_owned(), Value::from(millis))]),
        ..Breadcrumb::default()
    }
}

/// Puts our own breadcrumbs among the program's that the event has already: in the order of time, and only so
/// many that none of the program's has to go for them.
pub(super) fn settle(event: &mut Event<'_>, own: Vec<Breadcrumb>, options: &ClientOptions) {
    if own.is_empty() {
        return;
    }
    let crumbs = &mut event.breadcrumbs.values;
    let room = options.max_breadcrumbs.saturating_sub(crumbs.len()).min(options.max_breadcrumbs / 2);
    let surplus = own.len().saturating_sub(room);
    crumbs.extend(own.into_iter().skip(surplus));
    crumbs.sort_by_key(|crumb| crumb.timestamp);
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn at(second: u64, message: &str) -> Breadcrumb {
        Breadcrumb {
            timestamp: SystemTime::UNIX_EPOCH + Duration::from_secs(second),
            message: Some(message.to_owned()),
            ..Breadcrumb::default()
        }
    }

    #[test]
    fn ours_stand_among_theirs_and_push_none_out() {
        let options = ClientOptions::new().max_breadcrumbs(4);
        for (theirs, ours, left) in [
            (vec![1, 4], vec![2, 3], vec![1, 2, 3, 4]),
            (vec![1, 2, 3, 4], vec![5, 6], vec![1, 2, 3, 4]),
            (vec![2, 3, 4], vec![1, 5], vec![2, 3, 4, 5]),
            (vec![], vec![1, 2, 3], vec![2, 3]),
        ] {
            let mut event = Event::default();
            event.breadcrumbs.values = theirs.iter().map(|second| at(*second, "theirs")).collect();
            settle(&mut event, ours.iter().map(|second| at(*second, "ours")).collect(), &options);
            let seconds = event
                .breadcrumbs
                .iter()
                .map(|crumb| crumb.timestamp.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs());
            assert_eq!(seconds.collect::<Vec<_>>(), left, "{theirs:?} {ours:?}");
        }
    }

    #[test]
    fn the_oldest_go_first() {
        let mut crumbs = Crumbs::default();
        for second in 0..60 {
            crumbs.push(at(second, ""));
        }
        assert_eq!((crumbs.iter().count(), crumbs.iter().next()), (KEPT, Some(&at(10, ""))));
    }
}
