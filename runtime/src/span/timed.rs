//! Calls whose duration someone wants: `slow` and `metric`.

use std::time::Duration;

use sentry_core::protocol::{Event, Map, SpanStatus};
use sentry_core::{Hub, Level};

use super::clock::{Instant, between};
use super::frame::Frame;
use super::polls;
use super::state::{self, Local};
use crate::CallSite;
use crate::capture::NOTICE;
use crate::context::millis;
use crate::site::Kind;

/// A call ends whose duration someone wants; its frame is still open, so that what is told here is told of it.
#[inline(never)]
pub(super) fn ended(local: &Local, depth: u32, end: Instant, status: SpanStatus) {
    let (site, took, flags, only_poll, slow) = {
        let mut frames = local.frames().borrow_mut();
        let Some(frame) = frames.get_mut(depth as usize - 1) else { return };
        let took = between(frame.start, end);
        if frame.has(Frame::TIMED) && frame.site.slow().is_some_and(|limit| took >= limit) {
            frame.flags |= Frame::SLOW;
        }
        // A future that was ready at once: its only poll was the whole of it.
        let polled = frame.more.as_deref().is_some_and(|more| more.polls.is_some());
        let only_poll = (frame.has(Frame::ASYNC) && frame.id != 0 && !polled).then_some(frame.start);
        let slow = frame.has(Frame::SLOW).then(|| (frame.name().to_owned(), frame.op().to_owned()));
        (frame.site, took, frame.flags, only_poll, slow)
    };
    if let Some(start) = only_poll {
        polls::told(local, depth, start, end, took);
    }
    if flags & Frame::TIMED != 0 {
        state::muted(|| told(site, took, status, slow));
    }
}

#[cold]
fn told(site: &'static CallSite, took: Duration, status: SpanStatus, slow: Option<(String, String)>) {
    if site.kind().has(Kind::METRIC) {
        measure(site, took, status);
    }
    if let Some((name, op)) = slow {
        crate::capture::leave_slow(&name, took);
        if state::may_tell(site, "slow") {
            slow_event(site, &name, &op, took);
        }
    }
}

/// The context of an event that tells of a slow call.
pub(super) const SLOW_OPERATION: &str = "slow_operation";

fn slow_event(site: &'static CallSite, name: &str, op: &str, took: Duration) {
    let limit = site.slow().unwrap_or_default();
    let mut slow = Map::new();
    slow.insert("name".to_owned(), name.into());
    slow.insert("op".to_owned(), op.into());
    slow.insert("duration_ms".to_owned(), millis(took).into());
    slow.insert("threshold_ms".to_owned(), millis(limit).into());
    let message = Some(format!("Slow operation: {name}"));
    let mut event = Event { message, level: Level::Warning, logger: Some(NOTICE.to_owned()), ..Event::default() };
    event.contexts.insert(SLOW_OPERATION.to_owned(), sentry_core::protocol::Context::Other(slow));
    if let Some(category) = site.category().or(site.task().map(|_| "task")) {
        event.tags.insert("error.category".to_owned(), category.to_owned());
    }
    Hub::current().capture_event(event);
}

#[cfg(feature = "metrics")]
fn measure(site: &'static CallSite, took: Duration, status: SpanStatus) {
    sentry_core::metrics::distribution("function.duration", millis(took))
        .unit(sentry_core::protocol::Unit::Millisecond)
        .attribute("name", site.name())
        .attribute("op", site.op())
        .attribute("outcome", status.to_string())
        .capture();
}
#[cfg(not(feature = "metrics"))]
fn measure(_: &'static CallSite, _: Duration, _: SpanStatus) {}
