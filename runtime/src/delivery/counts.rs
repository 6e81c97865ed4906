//! What was accepted, delivered and lost, by kind of item and by reason.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use sentry_core::Envelope;
use sentry_core::protocol::{EnvelopeItem, ItemContainer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
    pub(super) const ALL: [Self; 8] = [
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
    pub(super) fn of(item: &EnvelopeItem) -> Option<(Self, u64)> {
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
    const ALL: [Self; 14] = [
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

/// A number of items of each kind.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally([u64; Kind::ALL.len()]);

impl Tally {
    /// How many of this kind.
    pub fn get(&self, kind: Kind) -> u64 {
        self.0[kind as usize]
    }

    /// How many of all kinds.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The kinds that are there, with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, u64)> + '_ {
        Kind::ALL.into_iter().zip(self.0).filter(|(_, n)| *n > 0)
    }

    /// One thing of an unknown kind.
    pub(super) const OTHER: Self = Self([0, 0, 0, 0, 0, 0, 0, 1]);

    /// What an envelope counts as; a raw one is one thing of an unknown kind.
    pub(super) fn of_envelope(envelope: &Envelope) -> Self {
        match envelope.items().next() {
            Some(_) => Self::of(envelope.items()),
            None => Self::OTHER,
        }
    }

    pub(super) fn of<'a>(items: impl IntoIterator<Item = &'a EnvelopeItem>) -> Self {
        let mut tally = Self::default();
        for (kind, n) in items.into_iter().filter_map(Kind::of) {
            tally.add(kind, n);
        }
        tally
    }

    pub(super) fn add(&mut self, kind: Kind, n: u64) {
        self.0[kind as usize] = self.0[kind as usize].saturating_add(n);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = mine.saturating_add(theirs);
        }
    }

    fn minus(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = mine.saturating_sub(theirs);
        }
        self
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(kind, n)| (kind.name(), n))).finish()
    }
}

impl<'de> Deserialize<'de> for Tally {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut tally = Self::default();
        for (name, n) in BTreeMap::<String, u64>::deserialize(deserializer)? {
            let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
            tally.add(kind.unwrap_or(Kind::Other), n);
        }
        Ok(tally)
    }
}

impl Serialize for Tally {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(kind, n)| (kind.name(), n)))
    }
}

/// What became of one envelope's items. It is counted as a whole, so that one given up at shutdown is not counted twice.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) delivered: Tally,
    pub(super) handed_over: Tally,
    pub(super) dropped: BTreeMap<DropReason, Tally>,
    pub(super) redacted: u64,
    pub(super) hook_panics: u64,
}

impl Verdict {
    pub(super) fn drop(&mut self, reason: DropReason, kind: Kind, n: u64) {
        self.dropped.entry(reason).or_default().add(kind, n);
    }

    pub(super) fn drop_all(&mut self, reason: DropReason, tally: &Tally) {
        self.dropped.entry(reason).or_default().merge(tally);
    }

    pub(super) fn lost(reason: DropReason, tally: &Tally) -> Self {
        let mut verdict = Self::default();
        verdict.drop_all(reason, tally);
        verdict
    }

    /// The same for an envelope that was accepted as one thing of an unknown kind.
    pub(super) fn into_one(mut self) -> Self {
        let reason = self.dropped.keys().next().copied();
        self.dropped.clear();
        if self.delivered.total() > 0 {
            self.delivered = Tally::OTHER;
        } else if self.handed_over.total() > 0 {
            self.handed_over = Tally::OTHER;
        } else {
            self.drop_all(reason.unwrap_or(DropReason::Internal), &Tally::OTHER);
        }
        self
    }
}

type Row = [AtomicU64; Kind::ALL.len()];

/// The counters of one delivery, shared by whoever counts and whoever asks.
#[derive(Debug, Default)]
pub(super) struct Counters {
    accepted: Row,
    delivered: Row,
    handed_over: Row,
    dropped: [Row; DropReason::ALL.len()],
    redacted: AtomicU64,
    hook_panics: AtomicU64,
    recovered: Row,
    kept: Row,
    kept_bytes: AtomicU64,
    pub(super) spotlight_sent: AtomicU64,
    pub(super) spotlight_lost: AtomicU64,
}

fn bump(row: &Row, tally: &Tally) {
    for (kind, n) in tally.iter() {
        row[kind as usize].fetch_add(n, Relaxed);
    }
}

fn read(row: &Row) -> Tally {
    let mut tally = Tally::default();
    for (kind, n) in Kind::ALL.into_iter().zip(row) {
        tally.add(kind, n.load(Relaxed));
    }
    tally
}

impl Counters {
    pub(super) fn accept(&self, tally: &Tally) {
        bump(&self.accepted, tally);
    }

    pub(super) fn settle(&self, verdict: &Verdict) {
        bump(&self.delivered, &verdict.delivered);
        bump(&self.handed_over, &verdict.handed_over);
        for (reason, tally) in &verdict.dropped {
            bump(&self.dropped[*reason as usize], tally);
        }
        self.redacted.fetch_add(verdict.redacted, Relaxed);
        self.hook_panics.fetch_add(verdict.hook_panics, Relaxed);
    }

    pub(super) fn stats(&self) -> Stats {
        // What is settled is read before what was accepted, so that nothing looks settled that was not accepted yet.
        let delivered = read(&self.delivered);
        let handed_over = read(&self.handed_over);
        let dropped: BTreeMap<_, _> = DropReason::ALL
            .into_iter()
            .zip(&self.dropped)
            .map(|(reason, row)| (reason, read(row)))
            .filter(|(_, tally)| tally.total() > 0)
            .collect();
        let mut settled = delivered;
        settled.merge(&handed_over);
        dropped.values().for_each(|tally| settled.merge(tally));
        let (accepted, recovered) = (read(&self.accepted), read(&self.recovered));
        let mut taken = accepted;
        taken.merge(&recovered);
        Stats {
            accepted,
            recovered,
            kept: read(&self.kept),
            kept_bytes: self.kept_bytes.load(Relaxed),
            delivered,
            handed_over,
            pending: taken.minus(&settled),
            dropped,
            redacted_values: self.redacted.load(Relaxed),
            hook_panics: self.hook_panics.load(Relaxed),
            spotlight_sent: self.spotlight_sent.load(Relaxed),
            spotlight_lost: self.spotlight_lost.load(Relaxed),
        }
    }
}

/// What a store counts of what it keeps.
#[cfg_attr(not(feature = "spool"), expect(dead_code, reason = "called by the stores that features bring"))]
impl Counters {
    /// Found in the store, left there by a process that is gone.
    pub(super) fn recover(&self, tally: &Tally) {
        bump(&self.recovered, tally);
    }

    /// Put into the store. What is there is neither delivered nor dropped yet.
    pub(super) fn keep(&self, tally: &Tally, bytes: u64) {
        bump(&self.kept, tally);
        self.kept_bytes.fetch_add(bytes, Relaxed);
    }

    /// Taken out of the store.
    pub(super) fn release(&self, tally: &Tally, bytes: u64) {
        for (kind, n) in tally.iter() {
            self.kept[kind as usize].fetch_sub(n, Relaxed);
        }
        self.kept_bytes.fetch_sub(bytes, Relaxed);
    }
}

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

    #[test]
    fn accepted_is_the_sum_of_everything_else() {
        let counters = Counters::default();
        let mut tally = Tally::default();
        tally.add(Kind::Event, 3);
        tally.add(Kind::Log, 7);
        counters.accept(&tally);
        let mut verdict = Verdict::default();
        verdict.delivered.add(Kind::Event, 1);
        verdict.drop(DropReason::Hook, Kind::Event, 1);
        verdict.drop(DropReason::RateLimited, Kind::Log, 2);
        counters.settle(&verdict);
        let stats = counters.stats();
        assert_eq!((stats.pending.get(Kind::Event), stats.pending.get(Kind::Log)), (1, 5));
        let report = FlushReport::from(&stats);
        assert_eq!(report.to_string(), "delivered 1, pending 6, dropped 3 (hook 1, rate_limited 2)");
        assert_eq!(
            serde_json::to_value(&stats).unwrap()["dropped"],
            serde_json::json!({"hook": {"event": 1}, "rate_limited": {"log": 2}})
        );
    }
}
