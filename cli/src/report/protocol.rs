//! As much of Sentry's protocol as a report needs, read leniently: what is missing is empty, what is unknown is skipped.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::error::Breadcrumb;
use crate::receiver::Item;

/// Every readable payload of a type, and how many were not readable.
pub(super) fn read<T: DeserializeOwned>(items: &[Item], kind: &str) -> (Vec<T>, usize) {
    let of_kind = || items.iter().filter(|item| item.kind == kind);
    let read: Vec<T> = of_kind().filter_map(|item| T::deserialize(item.json()?).ok()).collect();
    let unreadable = of_kind().count() - read.len();
    (read, unreadable)
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Transaction {
    #[serde(rename = "transaction")]
    pub name: String,
    #[serde(deserialize_with = "seconds")]
    pub start_timestamp: f64,
    #[serde(deserialize_with = "seconds")]
    pub timestamp: f64,
    pub contexts: Contexts,
    pub spans: Vec<Span>,
    #[serde(deserialize_with = "pairs")]
    pub tags: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Span {
    pub span_id: String,
    pub parent_span_id: Option<String>,
    pub op: Option<String>,
    pub description: Option<String>,
    #[serde(deserialize_with = "seconds")]
    pub start_timestamp: f64,
    #[serde(deserialize_with = "seconds")]
    pub timestamp: f64,
    pub status: Option<String>,
    pub data: Map<String, Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Contexts {
    pub trace: TraceContext,
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct TraceContext {
    pub trace_id: String,
    pub span_id: String,
    pub parent_span_id: Option<String>,
    pub op: Option<String>,
    pub status: Option<String>,
    pub data: Map<String, Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    pub level: Option<String>,
    pub transaction: Option<String>,
    #[serde(deserialize_with = "message")]
    pub message: Option<String>,
    #[serde(deserialize_with = "message")]
    pub logentry: Option<String>,
    #[serde(deserialize_with = "values")]
    pub exception: Vec<Exception>,
    #[serde(deserialize_with = "pairs")]
    pub tags: BTreeMap<String, String>,
    pub contexts: Contexts,
    pub fingerprint: Vec<String>,
    #[serde(deserialize_with = "seconds")]
    pub timestamp: f64,
    pub user: Map<String, Value>,
    #[serde(deserialize_with = "crumbs")]
    pub breadcrumbs: Vec<Breadcrumb>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Exception {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub value: Option<String>,
    pub stacktrace: Option<Stacktrace>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Stacktrace {
    pub frames: Vec<ProtocolFrame>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProtocolFrame {
    pub function: Option<String>,
    pub module: Option<String>,
    pub filename: Option<String>,
    pub abs_path: Option<String>,
    pub lineno: Option<u64>,
    pub in_app: Option<bool>,
    pub vars: Map<String, Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct CheckIn {
    pub check_in_id: String,
    pub monitor_slug: String,
    pub status: String,
    pub duration: Option<f64>,
    pub monitor_config: Option<MonitorConfig>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct MonitorConfig {
    pub schedule: Schedule,
    pub timezone: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Schedule {
    pub value: Value,
}

/// Unix seconds, written as a number or as RFC 3339; 0 where it is neither.
pub(super) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(seconds) => seconds.as_f64().unwrap_or_default(),
        Value::String(text) => {
            let nanos = OffsetDateTime::parse(&text, &Rfc3339).map_or(0, OffsetDateTime::unix_timestamp_nanos);
            nanos as f64 / 1e9
        }
        _ => 0.0,
    })
}

/// Tags: an object, or a list of pairs.
fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Ok(match Value::deserialize(deserializer)? {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
        Value::Array(list) => list.iter().filter_map(|pair| Some((text(pair.get(0)?), text(pair.get(1)?)))).collect(),
        _ => BTreeMap::new(),
    })
}

/// A message: text, or an object that has it under `formatted` or `message`.
fn message<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = value.as_str().or_else(|| value.get("formatted")?.as_str()).or_else(|| value.get("message")?.as_str());
    Ok(text.map(str::to_owned))
}

/// Exceptions: a list, or an object that has it under `values`.
fn values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Exception>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let list = value.as_array().or_else(|| value.get("values")?.as_array());
    Ok(list.into_iter().flatten().filter_map(|exception| Exception::deserialize(exception).ok()).collect())
}

/// Breadcrumbs: a list, or an object that has it under `values`.
fn crumbs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Breadcrumb>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let list = value.as_array().or_else(|| value.get("values")?.as_array());
    let read = |crumb: &Value| {
        let text = |key: &str| crumb.get(key).and_then(Value::as_str).map(str::to_owned);
        Breadcrumb {
            timestamp: crumb.get("timestamp").and_then(|time| seconds(time).ok()).unwrap_or_default(),
            category: text("category").or_else(|| text("type")),
            message: text("message"),
            data: crumb.get("data").and_then(Value::as_object).cloned().unwrap_or_default(),
        }
    };
    Ok(list.into_iter().flatten().map(read).collect())
}
