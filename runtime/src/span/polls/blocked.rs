//! A poll so long that the other tasks of the executor's thread had to wait for it.

use std::time::Duration;

use sentry_core::protocol::{Context, Event, Map};
use sentry_core::{ClientOptions, Hub, Level};

use super::super::clock::Instant;
use super::super::state::{self, Local};
use crate::CallSite;
use crate::capture::NOTICE;
use crate::context::millis;

/// How long a poll may take where nothing is said.
const LIMIT: Duration = Duration::from_millis(100);

/// How long a poll may take for a client with these options: as it was said, else [`LIMIT`], and in production anything.
pub(in crate::span) fn limit(said: Option<Option<Duration>>, options: &ClientOptions) -> Duration {
    let in_production = || options.environment.as_deref() == Some("production");
    said.unwrap_or_else(|| (!in_production()).then_some(LIMIT)).unwrap_or(Duration::MAX)
}

/// A poll took so long. If that was too long, it is told: of the innermost such poll alone, and of a function once a minute.
#[inline]
pub(in crate::span) fn told(local: &Local, depth: u32, start: Instant, end: Instant, took: Duration) {
    let limit = local.trace.borrow().as_deref().map_or(Duration::MAX, |trace| trace.longest_poll);
    if took >= limit && local.blocked_told.get() < start {
        local.blocked_told.set(end);
        blocked(local, depth, took, limit);
    }
}

#[cold]
#[inline(never)]
fn blocked(local: &Local, depth: u32, took: Duration, limit: Duration) {
    let frame = |frame: &super::super::frame::Frame| (frame.site, frame.name().to_owned());
    let Some((site, name)) = local.frames().borrow().get(depth as usize - 1).map(frame) else { return };
    if state::may_tell(site, "blocked") {
        state::muted(|| Hub::current().capture_event(event(site, &name, took, limit)));
    }
}

fn event(site: &'static CallSite, name: &str, took: Duration, limit: Duration) -> Event<'static> {
    let mut poll = Map::new();
    // A span that was built at run time has a name alone.
    let function = [site.module(), site.function()].join("::");
    poll.insert("function".to_owned(), if site.module().is_empty() { name.into() } else { function.into() });
    poll.insert("poll_ms".to_owned(), millis(took).into());
    poll.insert("threshold_ms".to_owned(), millis(limit).into());
    let message = Some(format!("{name} blocked the executor"));
    let mut event = Event { message, level: Level::Warning, logger: Some(NOTICE.to_owned()), ..Event::default() };
    event.contexts.insert("blocked_executor".to_owned(), Context::Other(poll));
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_production_nothing_is_too_long_unless_it_is_said() {
        let here = |environment: &'static str| ClientOptions::new().environment(environment);
        assert_eq!(limit(None, &ClientOptions::new()), LIMIT);
        assert_eq!(limit(None, &here("staging")), LIMIT);
        assert_eq!(limit(None, &here("production")), Duration::MAX);
        assert_eq!(limit(Some(None), &here("staging")), Duration::MAX);
        let second = Duration::from_secs(1);
        assert_eq!(limit(Some(Some(second)), &here("production")), second);
    }
}
