//! The counters themselves.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::{DropReason, Kind, Stats, Tally, Verdict};

type Row = [AtomicU64; Kind::ALL.len()];

/// The counters of one delivery, shared by whoever counts and whoever asks.
#[derive(Debug, Default)]
pub(in crate::delivery) struct Counters {
    accepted: Row,
    delivered: Row,
    handed_over: Row,
    dropped: [Row; DropReason::ALL.len()],
    redacted: AtomicU64,
    hook_panics: AtomicU64,
    recovered: Row,
    kept: Row,
    kept_bytes: AtomicU64,
    pub(in crate::delivery) spotlight_sent: AtomicU64,
    pub(in crate::delivery) spotlight_lost: AtomicU64,
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
    pub(in crate::delivery) fn accept(&self, tally: &Tally) {
        bump(&self.accepted, tally);
    }

    pub(in crate::delivery) fn settle(&self, verdict: &Verdict) {
        bump(&self.delivered, &verdict.delivered);
        bump(&self.handed_over, &verdict.handed_over);
        for (reason, tally) in &verdict.dropped {
            bump(&self.dropped[*reason as usize], tally);
        }
        self.redacted.fetch_add(verdict.redacted, Relaxed);
        self.hook_panics.fetch_add(verdict.hook_panics, Relaxed);
    }

    pub(in crate::delivery) fn stats(&self) -> Stats {
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
    pub(in crate::delivery) fn recover(&self, tally: &Tally) {
        bump(&self.recovered, tally);
    }

    /// Put into the store. What is there is neither delivered nor dropped yet.
    pub(in crate::delivery) fn keep(&self, tally: &Tally, bytes: u64) {
        bump(&self.kept, tally);
        self.kept_bytes.fetch_add(bytes, Relaxed);
    }

    /// Taken out of the store.
    pub(in crate::delivery) fn release(&self, tally: &Tally, bytes: u64) {
        for (kind, n) in tally.iter() {
            self.kept[kind as usize].fetch_sub(n, Relaxed);
        }
        self.kept_bytes.fetch_sub(bytes, Relaxed);
    }
}
