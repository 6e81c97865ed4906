//! What the counters say, to programs and to people.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{DropReason, Tally};

/// The delivery's counters since the client began:
/// `accepted + recovered = delivered + handed_over + pending + all of dropped`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Taken from the program.
    pub accepted: Tally,
    /// The server has answered that it took them.
    pub delivered: Tally,
    /// Given to a transport of the program's own, whose answers are not seen, or to local copies alone.
    pub handed_over: Tally,
    /// Found in the store, left there by a process that is gone.
    pub recovered: Tally,
    /// Neither delivered nor dropped yet.
    pub pending: Tally,
    /// The part of them that is in the store, and outlives the process.
    pub kept: Tally,
    /// Bytes in the store.
    pub kept_bytes: u64,
    /// What did not arrive, and why.
    pub dropped: BTreeMap<DropReason, Tally>,
    /// Values that redaction has replaced.
    pub redacted_values: u64,
    /// Panics of the program's hooks.
    pub hook_panics: u64,
    /// Envelopes copied to Spotlight.
    pub spotlight_sent: u64,
    /// Envelopes that Spotlight did not take.
    pub spotlight_lost: u64,
}

/// What a flush can say: the counts since the client began, at the moment the flush ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FlushReport {
    /// Items that the server has answered to have taken; with a transport of the program's own, items given to it.
    pub delivered: u64,
    /// Items that are still on their way.
    pub pending: u64,
    /// The part of them that is in the store: they outlive the process, and are tried again.
    pub kept: u64,
    /// Items that did not arrive, by reason.
    pub dropped: BTreeMap<DropReason, u64>,
}

impl FlushReport {
    /// Items that did not arrive, for whatever reason.
    pub fn dropped_total(&self) -> u64 {
        self.dropped.values().sum()
    }

    /// Whether nothing is pending and nothing was lost.
    pub fn is_complete(&self) -> bool {
        self.pending == 0 && self.dropped.is_empty()
    }
}

impl From<&Stats> for FlushReport {
    fn from(stats: &Stats) -> Self {
        Self {
            delivered: stats.delivered.total() + stats.handed_over.total(),
            pending: stats.pending.total(),
            kept: stats.kept.total(),
            dropped: stats.dropped.iter().map(|(reason, tally)| (*reason, tally.total())).collect(),
        }
    }
}

impl fmt::Display for FlushReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "delivered {}, pending {}, dropped {}", self.delivered, self.pending, self.dropped_total())?;
        for (n, (reason, count)) in self.dropped.iter().enumerate() {
            write!(f, "{}{reason} {count}", if n == 0 { " (" } else { ", " })?;
        }
        f.write_str(if self.dropped.is_empty() { "" } else { ")" })
    }
}
