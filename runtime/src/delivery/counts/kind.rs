//! The kinds of items, and the reasons for which they do not arrive.

use std::fmt;

use sentry_core::protocol::{EnvelopeItem, ItemContainer};
use serde::Serialize;

/// A kind of telemetry item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// An error event or a message.
    Event,
    /// A transaction with its spans.
    Transaction,
    /// A check-in of a monitor.
    CheckIn,
    /// A session update or an aggregate of sessions (one each).
    Session,
    /// One log entry.
    Log,
    /// One metric.
    Metric,
    /// One attachment.
    Attachment,
    /// What the SDK could not tell us more about, a raw envelope.
    Other,
}

impl Kind {
    pub(in crate::delivery) const ALL: [Self; 8] = [
        Self::Event,
        Self::Transaction,
        Self::CheckIn,
        Self::Session,
        Self::Log,
        Self::Metric,
        Self::Attachment,
        Self::Other,
    ];

    /// The kind's name, as health and reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Transaction => "transaction",
            Self::CheckIn => "check_in",
            Self::Session => "session",
            Self::Log => "log",
            Self::Metric => "metric",
            Self::Attachment => "attachment",
            Self::Other => "other",
        }
    }

    /// The item's kind and how many it stands for; `None` for client reports, which are about losses and none themselves.
    pub(in crate::delivery) fn of(item: &EnvelopeItem) -> Option<(Self, u64)> {
        Some(match item {
            EnvelopeItem::Event(_) => (Self::Event, 1),
            EnvelopeItem::Transaction(_) => (Self::Transaction, 1),
            EnvelopeItem::MonitorCheckIn(_) => (Self::CheckIn, 1),
            EnvelopeItem::SessionUpdate(_) | EnvelopeItem::SessionAggregates(_) => (Self::Session, 1),
            EnvelopeItem::ItemContainer(container @ ItemContainer::Logs(_)) => (Self::Log, container.len() as u64),
            EnvelopeItem::ItemContainer(container @ ItemContainer::Metrics(_)) => {
                (Self::Metric, container.len() as u64)
            }
            EnvelopeItem::Attachment(_) => (Self::Attachment, 1),
            EnvelopeItem::ClientReport(_) => return None,
            _ => (Self::Other, 1),
        })
    }
}

/// Why an item did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DropReason {
    /// The queue was full.
    QueueOverflow,
    /// A hook of the program said so.
    Hook,
    /// A hook of the program panicked; its item is never sent unhooked.
    HookPanic,
    /// Captured by a hook, which would otherwise feed itself.
    Muted,
    /// Could not be redacted.
    Redaction,
    /// The server has asked not to be sent this kind for now.
    RateLimited,
    /// The server answered 413.
    TooLarge,
    /// The server answered with another status that is not a success: a wrong DSN, a malformed item.
    Refused,
    /// The server answered 5xx.
    ServerError,
    /// The server could not be reached: nothing of the item was read there.
    Network,
    /// Sent, but the answer was never read (a time-out, a connection cut off): it may have arrived.
    NoAnswer,
    /// The store of what cannot be delivered was full: the oldest makes room.
    SpoolFull,
    /// Still waiting when the shutdown's time was over.
    Shutdown,
    /// A fault of this library.
    Internal,
}

impl DropReason {
    pub(in crate::delivery) const ALL: [Self; 14] = [
        Self::QueueOverflow,
        Self::Hook,
        Self::HookPanic,
        Self::Muted,
        Self::Redaction,
        Self::RateLimited,
        Self::TooLarge,
        Self::Refused,
        Self::ServerError,
        Self::Network,
        Self::NoAnswer,
        Self::SpoolFull,
        Self::Shutdown,
        Self::Internal,
    ];

    /// The reason's name, as health and reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::QueueOverflow => "queue_overflow",
            Self::Hook => "hook",
            Self::HookPanic => "hook_panic",
            Self::Muted => "muted",
            Self::Redaction => "redaction",
            Self::RateLimited => "rate_limited",
            Self::TooLarge => "too_large",
            Self::Refused => "refused",
            Self::ServerError => "server_error",
            Self::Network => "network",
            Self::NoAnswer => "no_answer",
            Self::SpoolFull => "spool_full",
            Self::Shutdown => "shutdown",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_reason_has_its_own_row() {
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, at);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        for (at, reason) in DropReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, at);
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
        }
    }
}
