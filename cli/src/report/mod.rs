//! What came, as a person wants to see it.
//!
//! [`Report::new`] reads the receiver's items into plain data; [`Report::text`] lays that out for a terminal. Nothing
//! here asks the clock or the environment, but for [`Style::for_stdout`].

mod cache;
mod check_in;
mod delivery;
mod error;
mod line;
mod log;
mod loss;
mod metric;
mod protocol;
mod redaction;
mod statement;
mod task;
mod text;
mod trace;
mod transaction;

pub use cache::CacheStats;
pub use check_in::Monitor;
pub use delivery::DeliveryStats;
pub use error::{Breadcrumb, ErrorGroup, Frame};
pub use line::Line;
pub use log::LogLine;
pub use loss::{Loss, Losses};
pub use metric::MetricStats;
pub use redaction::Redaction;
pub use statement::StatementStats;
pub use task::TaskStats;
pub use text::Style;
pub use trace::{Row, Trace};
pub use transaction::TransactionStats;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::receiver::{Item, Request};

/// What a program has sent, summed up.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// How many items of each type came; of logs and metrics, how many were in them.
    pub items: BTreeMap<String, u64>,
    /// Transactions by name and operation, the most frequent first.
    pub transactions: Vec<TransactionStats>,
    /// Statements of databases by their text, the slowest first.
    pub statements: Vec<StatementStats>,
    /// Every trace, in the order of their beginnings.
    pub traces: Vec<Trace>,
    /// Look-ups in caches by their keys, the most frequent first.
    pub caches: Vec<CacheStats>,
    /// Messages to people by channel and provider.
    pub deliveries: Vec<DeliveryStats>,
    /// Background tasks by name.
    pub tasks: Vec<TaskStats>,
    /// Error events and messages by what Sentry would group them by, the most frequent first.
    pub errors: Vec<ErrorGroup>,
    /// Monitors with their check-ins.
    pub monitors: Vec<Monitor>,
    /// Log records, in the order of their arrival.
    pub logs: Vec<LogLine>,
    /// Metrics by name.
    pub metrics: Vec<MetricStats>,
    /// Where placeholders stand in place of what was redacted.
    pub redactions: Vec<Redaction>,
    /// What did not arrive, as far as that can be told from here.
    pub losses: Losses,
}

impl Report {
    /// Reads what a receiver has kept.
    pub fn new(items: &[Item], requests: &[Request]) -> Self {
        let (transactions, bad_transactions) = protocol::read::<protocol::Transaction>(items, "transaction");
        let (events, bad_events) = protocol::read::<protocol::Event>(items, "event");
        let (check_ins, bad_check_ins) = protocol::read::<protocol::CheckIn>(items, "check_in");
        let mut kinds = BTreeMap::new();
        for item in items {
            // Logs and metrics travel many to an item, which says how many.
            let count = item.headers.get("item_count").and_then(Value::as_u64).unwrap_or(1);
            *kinds.entry(item.kind.clone()).or_default() += count;
        }
        Self {
            items: kinds,
            transactions: transaction::by_name(&transactions),
            statements: statement::by_text(&transactions),
            traces: trace::all(&transactions, &events),
            caches: cache::by_key(&transactions),
            deliveries: delivery::by_provider(&transactions),
            tasks: task::by_name(&transactions),
            errors: error::groups(&events, &transactions),
            monitors: check_in::by_slug(&check_ins),
            logs: log::all(items),
            metrics: metric::by_name(items),
            redactions: redaction::by_place(items),
            losses: Losses::of(items, requests, bad_transactions + bad_events + bad_check_ins),
        }
    }

    /// The trace that tells most: many transactions, many kinds of spans, and short enough to be read.
    pub fn telling_trace(&self) -> Option<&Trace> {
        self.traces.iter().max_by_key(|trace| trace.weight())
    }

    /// Lays it out for a terminal.
    pub fn text(&self, style: Style) -> String {
        text::render(self, style)
    }
}

/// The nearest-rank percentile of sorted values; 0 of none.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!([50, 95, 100].map(|p| percentile(&values, p)), [10.0, 19.0, 20.0]);
        assert_eq!([1, 95].map(|p| percentile(&[7.0], p)), [7.0, 7.0]);
        assert_eq!(percentile(&[], 50), 0.0);
    }
}
