//! Log records.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::receiver::Item;

/// One log record.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LogLine {
    /// When it was written, in Unix seconds.
    pub timestamp: f64,
    /// trace, debug, info, warn, error or fatal.
    pub level: String,
    /// What it says.
    pub body: String,
    /// The trace that it was written in.
    pub trace_id: Option<String>,
    /// The program's own attributes; those that the SDK adds are left out.
    pub attributes: Map<String, Value>,
}

/// Attributes with these beginnings are the SDK's.
const SDK_ATTRIBUTES: [&str; 3] = ["sentry.", "server.", "os."];

pub(super) fn all(items: &[Item]) -> Vec<LogLine> {
    entries(items, "log").map(read).collect()
}

/// The entries of the containers of one type.
pub(super) fn entries<'a>(items: &'a [Item], kind: &str) -> impl Iterator<Item = &'a Value> {
    let payloads = items.iter().filter(move |item| item.kind == kind).filter_map(Item::json);
    payloads.filter_map(|payload| payload.get("items")?.as_array()).flatten()
}

/// A container's attribute, which says its type beside its value.
fn bare(attribute: &Value) -> Value {
    attribute.get("value").unwrap_or(attribute).clone()
}

fn read(entry: &Value) -> LogLine {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let attributes = entry.get("attributes").and_then(Value::as_object);
    let own =
        attributes.into_iter().flatten().filter(|(key, _)| !SDK_ATTRIBUTES.iter().any(|sdk| key.starts_with(sdk)));
    LogLine {
        timestamp: entry.get("timestamp").and_then(Value::as_f64).unwrap_or_default(),
        level: text("level").unwrap_or_else(|| "info".to_owned()),
        body: text("body").unwrap_or_default(),
        trace_id: text("trace_id"),
        attributes: own.map(|(key, value)| (key.clone(), bare(value))).collect(),
    }
}
