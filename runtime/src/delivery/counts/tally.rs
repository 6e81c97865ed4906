//! Numbers of items, by kind; and what became of those of one envelope.

use std::collections::BTreeMap;
use std::fmt;

use sentry_core::Envelope;
use sentry_core::protocol::EnvelopeItem;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{DropReason, Kind};

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
    pub(in crate::delivery) const OTHER: Self = Self([0, 0, 0, 0, 0, 0, 0, 1]);

    /// What an envelope counts as; a raw one is one thing of an unknown kind.
    pub(in crate::delivery) fn of_envelope(envelope: &Envelope) -> Self {
        match envelope.items().next() {
            Some(_) => Self::of(envelope.items()),
            None => Self::OTHER,
        }
    }

    pub(in crate::delivery) fn of<'a>(items: impl IntoIterator<Item = &'a EnvelopeItem>) -> Self {
        let mut tally = Self::default();
        for (kind, n) in items.into_iter().filter_map(Kind::of) {
            tally.add(kind, n);
        }
        tally
    }

    pub(in crate::delivery) fn add(&mut self, kind: Kind, n: u64) {
        self.0[kind as usize] = self.0[kind as usize].saturating_add(n);
    }

    pub(in crate::delivery) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = mine.saturating_add(theirs);
        }
    }

    pub(in crate::delivery) fn minus(mut self, other: &Self) -> Self {
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
pub(in crate::delivery) struct Verdict {
    pub(in crate::delivery) delivered: Tally,
    pub(in crate::delivery) handed_over: Tally,
    pub(in crate::delivery) dropped: BTreeMap<DropReason, Tally>,
    pub(in crate::delivery) redacted: u64,
    pub(in crate::delivery) hook_panics: u64,
}

impl Verdict {
    pub(in crate::delivery) fn drop(&mut self, reason: DropReason, kind: Kind, n: u64) {
        self.dropped.entry(reason).or_default().add(kind, n);
    }

    pub(in crate::delivery) fn drop_all(&mut self, reason: DropReason, tally: &Tally) {
        self.dropped.entry(reason).or_default().merge(tally);
    }

    pub(in crate::delivery) fn lost(reason: DropReason, tally: &Tally) -> Self {
        let mut verdict = Self::default();
        verdict.drop_all(reason, tally);
        verdict
    }

    /// The same for an envelope that was accepted as one thing of an unknown kind.
    pub(in crate::delivery) fn into_one(mut self) -> Self {
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
