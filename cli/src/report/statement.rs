//! Statements of databases by their text.

use std::collections::BTreeMap;

use serde::Serialize;

use super::protocol::{Span, Transaction};
use super::{percentile, transaction};

/// All runs of one statement, in transactions that were recorded.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct StatementStats {
    /// The statement, without its literals.
    pub statement: String,
    /// The kind of database: `postgresql`, `sqlite` ..
    pub system: Option<String>,
    /// How many runs there were.
    pub count: usize,
    /// How many of them failed.
    pub failed: usize,
    /// The 95th percentile in milliseconds.
    pub p95: f64,
    /// The longest run in milliseconds.
    pub longest: f64,
}

/// The slowest first.
pub(super) fn by_text(transactions: &[Transaction]) -> Vec<StatementStats> {
    let mut groups: BTreeMap<&str, Vec<&Span>> = BTreeMap::new();
    let spans = transactions.iter().flat_map(|transaction| &transaction.spans);
    for span in spans.filter(|span| span.op.as_deref() == Some("db.query")) {
        groups.entry(span.description.as_deref().unwrap_or_default()).or_default().push(span);
    }
    let mut stats: Vec<_> = groups.into_iter().map(|(text, group)| of(text, &group)).collect();
    stats.sort_by(|a, b| b.p95.total_cmp(&a.p95));
    stats
}

fn of(text: &str, group: &[&Span]) -> StatementStats {
    let mut millis: Vec<f64> = group.iter().map(|span| (span.timestamp - span.start_timestamp) * 1e3).collect();
    millis.sort_by(f64::total_cmp);
    let system = group.iter().find_map(|span| span.data.get("db.system.name")?.as_str());
    StatementStats {
        statement: text.to_owned(),
        system: system.map(str::to_owned),
        count: group.len(),
        failed: group.iter().filter(|span| transaction::failed(span.status.as_deref())).count(),
        p95: percentile(&millis, 95),
        longest: millis.last().copied().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_first() {
        let span = |text: &str, op: &str, took: f64, status: &str| Span {
            op: Some(op.to_owned()),
            description: Some(text.to_owned()),
            timestamp: took,
            status: Some(status.to_owned()),
            ..Span::default()
        };
        let transaction = Transaction {
            spans: vec![
                span("SELECT a", "db.query", 0.001, "ok"),
                span("SELECT b", "db.query", 0.25, "ok"),
                span("SELECT a", "db.query", 0.002, "unavailable"),
                span("COMMIT", "db.transaction", 1.0, "ok"),
            ],
            ..Transaction::default()
        };
        let stats = by_text(&[transaction]);
        let told: Vec<_> = stats.iter().map(|s| (&*s.statement, s.count, s.failed, s.longest)).collect();
        assert_eq!(told, [("SELECT b", 1, 0, 250.0), ("SELECT a", 2, 1, 2.0)]);
    }
}
