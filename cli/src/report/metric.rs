//! Metrics by name.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::log::entries;
use crate::receiver::Item;

/// All values of one metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MetricStats {
    /// Its name.
    pub name: String,
    /// counter, gauge or distribution.
    pub kind: String,
    /// Its unit, where it has one.
    pub unit: Option<String>,
    /// How many values came.
    pub count: usize,
    /// Their sum.
    pub sum: f64,
    /// The smallest.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The last.
    pub last: f64,
}

pub(super) fn by_name(items: &[Item]) -> Vec<MetricStats> {
    let mut metrics: BTreeMap<(&str, &str), MetricStats> = BTreeMap::new();
    for entry in entries(items, "trace_metric") {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let Some(value) = entry.get("value").and_then(Value::as_f64) else { continue };
        let stats = metrics.entry((text("name"), text("type"))).or_insert_with(|| MetricStats {
            name: text("name").to_owned(),
            kind: text("type").to_owned(),
            unit: entry.get("unit").and_then(Value::as_str).map(str::to_owned),
            min: value,
            max: value,
            ..MetricStats::default()
        });
        stats.count += 1;
        stats.sum += value;
        stats.min = stats.min.min(value);
        stats.max = stats.max.max(value);
        stats.last = value;
    }
    metrics.into_values().collect()
}
