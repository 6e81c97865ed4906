//! Transactions by name.

use std::collections::BTreeMap;

use serde::Serialize;

use super::percentile;
use super::protocol::Transaction;

/// All transactions of one name and operation.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TransactionStats {
    /// The transaction's name.
    pub name: String,
    /// The operation of its root span.
    pub op: String,
    /// How many there were.
    pub count: usize,
    /// How many of them failed: a status that is set and neither `ok`, `cancelled` nor `unknown`, as Sentry counts.
    pub failed: usize,
    /// The median duration in milliseconds.
    pub p50: f64,
    /// The 95th percentile in milliseconds.
    pub p95: f64,
}

pub(super) fn failed(status: Option<&str>) -> bool {
    !matches!(status, None | Some("ok" | "cancelled" | "unknown" | ""))
}

pub(super) fn by_name(transactions: &[Transaction]) -> Vec<TransactionStats> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Transaction>> = BTreeMap::new();
    for transaction in transactions {
        let op = transaction.contexts.trace.op.as_deref().unwrap_or("default");
        groups.entry((&transaction.name, op)).or_default().push(transaction);
    }
    let mut stats: Vec<_> = groups.into_iter().map(|((name, op), group)| of(name, op, &group)).collect();
    stats.sort_by_key(|stats| std::cmp::Reverse(stats.count));
    stats
}

fn of(name: &str, op: &str, group: &[&Transaction]) -> TransactionStats {
    let mut millis: Vec<f64> = group.iter().map(|t| (t.timestamp - t.start_timestamp) * 1e3).collect();
    millis.sort_by(f64::total_cmp);
    TransactionStats {
        name: name.to_owned(),
        op: op.to_owned(),
        count: group.len(),
        failed: group.iter().filter(|t| failed(t.contexts.trace.status.as_deref())).count(),
        p50: percentile(&millis, 50),
        p95: percentile(&millis, 95),
    }
}
