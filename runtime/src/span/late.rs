//! Spans that outlive their root: a spawned future, a thread that is still at work when the request is answered.
//!
//! A transaction is sent when its root ends and cannot be added to. A span that is open then becomes a transaction of its
//! own when it ends: same trace, the same parent, with everything below it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::record::Record;
use super::root::Root;
use super::state;
use super::trace::{MAX_SPANS, Trace, keep_oldest};

/// Takes out the records that do not hang off `root`: a span between them and it is still open.
pub(super) fn orphans(records: &mut Vec<Record>, root: u64) -> Vec<Record> {
    // The usual case: everything hangs together.
    if records.is_empty() || in_order(records, root) {
        return Vec::new();
    }
    let parents: HashMap<u64, u64> = records.iter().map(|record| (record.id, record.parent)).collect();
    let mut home: HashSet<u64> = HashSet::from([root]);
    let mut astray: HashSet<u64> = HashSet::new();
    let mut path = Vec::new();
    for record in records.iter() {
        let mut at = record.id;
        let arrives = loop {
            if home.contains(&at) {
                break true;
            }
            if astray.contains(&at) {
                break false;
            }
            // A circle cannot be: ids are new. The length bound is for peace of mind.
            let Some(parent) = parents.get(&at).filter(|_| path.len() <= parents.len()) else { break false };
            path.push(at);
            at = *parent;
        };
        let found = if arrives { &mut home } else { &mut astray };
        found.extend(path.drain(..));
    }
    let (mine, orphans) = std::mem::take(records).into_iter().partition(|record| home.contains(&record.id));
    *records = mine;
    orphans
}

/// Whether every record hangs off `root`, told by one pass backwards: in a buffer that one thread filled, a span comes
/// after those below it.
fn in_order(records: &[Record], root: u64) -> bool {
    let mut open: Vec<u64> = Vec::with_capacity(16);
    for record in records.iter().rev() {
        while let Some(top) = open.last() {
            if *top == record.parent {
                break;
            }
            open.pop();
        }
        if open.is_empty() && record.parent != root {
            return false;
        }
        open.push(record.id);
    }
    true
}

/// A span ends whose root has ended before: it goes as a transaction of its own, with what is below it.
#[cold]
#[inline(never)]
pub(super) fn send(trace: &Arc<Trace>, top: Record, here: &mut Vec<Record>) {
    let mut records = trace.with(|shared| {
        shared.append(here);
        let mut records = std::mem::take(shared);
        *shared = orphans(&mut records, top.id);
        records
    });
    let lost = if records.len() > MAX_SPANS { keep_oldest(&mut records) } else { 0 };
    if lost > 0 {
        state::count_lost_spans(lost);
    }
    Root::close_late(trace, top, records);
}

/// Spans ended elsewhere than where their root runs. `ended` is the span that ended last, 0 if it is still open: if the root
/// ended meanwhile, it must go on its own.
pub(super) fn add(trace: &Arc<Trace>, records: &mut Vec<Record>, ended: u64) {
    if records.is_empty() || trace.add(records) || ended == 0 {
        return;
    }
    let top = trace.with(|shared| {
        let at = shared.iter().position(|record| record.id == ended)?;
        Some(shared.swap_remove(at))
    });
    if let Some(top) = top {
        send(trace, top, &mut Vec::new());
    }
}

/// Spans were recorded for a root that has ended, by a thread that carried its span over: those right below the carried
/// span go as transactions of their own.
#[cold]
#[inline(never)]
pub(super) fn send_below(trace: &Arc<Trace>, carried: u64) {
    while let Some(top) = trace.with(|shared| {
        let at = shared.iter().position(|record| record.parent == carried)?;
        Some(shared.swap_remove(at))
    }) {
        send(trace, top, &mut Vec::new());
    }
}
