//! Events that tell of something worth knowing and of no failure: a statement that was slow, a pool that is exhausted.

use sentry_core::protocol::{Event, Uuid};

use super::manual::message;
use crate::Level;

/// Who notices are from, which is what tells them from reports of failures.
pub(crate) const NOTICE: &str = "watchpost.notice";

/// As [`capture_message`](crate::capture_message), for what is no failure, however bad: the integrations of web frameworks report that a request
/// failed although it was sent. Its logger is `watchpost.notice`.
///
/// Tells the event's id; nothing, if none is sent.
///
/// ```
/// use watchpost::Level;
/// use watchpost::capture::capture_notice;
///
/// capture_notice("Slow query: SELECT total FROM takings", Level::Warning);
/// ```
pub fn capture_notice(text: &str, level: Level) -> Option<Uuid> {
    message(text, level, Some(NOTICE))
}

/// Whether an event is a notice, and no report of a failure. For event processors.
///
/// ```
/// let failed = sentry_core::protocol::Event::default();
/// assert!(!watchpost::capture::is_notice(&failed));
/// ```
pub fn is_notice(event: &Event<'_>) -> bool {
    event.logger.as_deref() == Some(NOTICE)
}
