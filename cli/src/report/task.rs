//! Background tasks.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::percentile;
use super::protocol::Transaction;

/// All runs of one background task.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TaskStats {
    /// The task's name.
    pub name: String,
    /// The queue it is taken from.
    pub queue: Option<String>,
    /// How many runs ended in each way: ok, error, retry, cancelled, panic.
    pub outcomes: BTreeMap<String, usize>,
    /// How long its messages had waited, the median in milliseconds; nothing where no message says so.
    pub waited: Option<f64>,
}

pub(super) fn by_name(transactions: &[Transaction]) -> Vec<TaskStats> {
    let mut tasks: BTreeMap<&str, (TaskStats, Vec<f64>)> = BTreeMap::new();
    for transaction in transactions {
        let Some(name) = transaction.tags.get("task.name") else { continue };
        let (stats, waits) = tasks.entry(name).or_default();
        let data = &transaction.contexts.trace.data;
        let outcome = transaction.tags.get("task.status").map_or("unknown", String::as_str);
        *stats.outcomes.entry(outcome.to_owned()).or_default() += 1;
        stats.queue = data.get("messaging.destination.name").and_then(Value::as_str).map(str::to_owned);
        waits.extend(data.get("messaging.message.receive.latency").and_then(Value::as_f64));
    }
    let finish = |(name, (stats, mut waits)): (&str, (TaskStats, Vec<f64>))| {
        waits.sort_by(f64::total_cmp);
        let waited = (!waits.is_empty()).then(|| percentile(&waits, 50));
        TaskStats { name: name.to_owned(), waited, ..stats }
    };
    tasks.into_iter().map(finish).collect()
}
