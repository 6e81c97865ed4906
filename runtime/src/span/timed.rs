//! Calls whose duration someone wants: `slow` and `metric`.

use std::time::Duration;

use sentry_core::protocol::{Event, Map, SpanStatus};
use sentry_core::{Hub, Level};

use super::clock::{Instant, between};
use super::frame::Frame;
use super::handover::millis;
use super::polls;
use super::state::{self, Local};
use crate::CallSite;
use crate::site::Kind;

/// A call ends whose duration someone wants; its frame is still open, so that what is told here is told of it.
#[inline(never)]
pub(super) fn ended(local: &Local, depth: u32, end: Instant, status: SpanStatus) {
    let (site, took, flags, only_poll) = {
        let mut frames = local.frames.borrow_mut();
        let Some(frame) = frames.get_mut(depth as usize - 1) else { return };
        let took = between(frame.start, end);
        if frame.has(Frame::TIMED) && frame.site.slow().is_some_and(|limit| took >= limit) {
            frame.flags |= Frame::SLOW;
        }
        // A future that was ready at once: its only poll was the whole of it.
        let polled = frame.more.as_deref().is_some_and(|more| more.polls.is_some());
        let only_poll = (frame.has(Frame::ASYNC) && frame.id != 0 && !polled).then_some(frame.start);
        (frame.site, took, frame.flags, only_poll)
    };
    if let Some(start) = only_poll {
        polls::told(local, depth, start, end, took);
    }
    if flags & Frame::TIMED != 0 {
        state::muted(|| told(site, took, status, flags & Frame::SLOW != 0));
    }
}

#[cold]
fn told(site: &'static CallSite, took: Duration, status: SpanStatus, slow: bool) {
    if site.kind().has(Kind::METRIC) {
        measure(site, took, status);
    }
    if slow {
        crate::capture::leave_slow(site, took);
    }
    if slow && state::may_tell(site, "slow") {
        slow_event(site, took);
    }
}

/// The context of an event that tells of a slow call.
pub(super) const SLOW_OPERATION: &str = "slow_operation";

fn slow_event(site: &'static CallSite, took: Duration) {
    let limit = site.slow().unwrap_or_default();
    let mut slow = Map::new();
    slow.insert("name".to_owned(), site.name().into());
    slow.insert("op".to_owned(), site.op().into());
    slow.insert("duration_ms".to_owned(), millis(took).into());
    slow.insert("threshold_ms".to_owned(), millis(limit).into());
    let mut event =
        Event { message: Some(format!("Slow operation: {}", site.name())), level: Level::Warning, ..Event::default() };
    event.contexts.insert(SLOW_OPERATION.to_owned(), sentry_core::protocol::Context::Other(slow));
    if let Some(category) = site.category() {
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
