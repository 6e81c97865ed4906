//! What the SDK's types have no field for: it travels in reserved data keys and is lifted out here.
//!
//! | key, in the data of a span or of the transaction's trace context | becomes |
//! |---|---|
//! | `sentry.source` (transaction) | `transaction_info.source` |
//! | `sentry.origin` | the span's `origin` |
//! | `sentry.measurement.NAME`: a number, or `{"value": .., "unit": ".."}` | `measurements.NAME` |
//! | `sentry.dsc` (transaction): an object of strings | the envelope's `trace` header, as it came in from upstream |
//!
//! A reserved key never stays in the data; a value that is not of this form is left out.

use std::collections::BTreeMap;
use std::ops::Bound;

use sentry_core::protocol::{Context, Event, Map, TraceContext, Transaction, Value};
use serde::Serialize;

const SOURCE: &str = "sentry.source";
const ORIGIN: &str = "sentry.origin";
const MEASUREMENT: &str = "sentry.measurement.";
const SAMPLING: &str = "sentry.dsc";

/// The origins of a transaction's name that the server knows.
const SOURCES: [&str; 6] = ["custom", "url", "route", "view", "component", "task"];

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Measurement {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
}

pub(super) type Measurements = BTreeMap<String, Measurement>;

/// What was lifted out of a transaction.
#[derive(Debug, Default)]
pub(super) struct Lifted {
    pub(super) source: Option<String>,
    pub(super) sampling: Option<Map<String, String>>,
    pub(super) measurements: Measurements,
    /// What was lifted out of the spans, by position; spans without any of it are left out.
    pub(super) spans: BTreeMap<usize, LiftedSpan>,
}

/// What was lifted out of one span.
#[derive(Debug, Default, PartialEq)]
pub(super) struct LiftedSpan {
    pub(super) origin: Option<String>,
    pub(super) measurements: Measurements,
}

/// Takes the reserved keys out of a transaction and its spans.
pub(super) fn lift(transaction: &mut Transaction<'static>) -> Lifted {
    let mut lifted = Lifted::default();
    if let Some(Context::Trace(trace)) = transaction.contexts.get_mut("trace") {
        lifted.source = take_word(&mut trace.data, SOURCE).filter(|source| SOURCES.contains(&source.as_str()));
        lifted.sampling = take_sampling(&mut trace.data);
        lifted.measurements = lift_trace(trace).measurements;
    }
    for (at, span) in transaction.spans.iter_mut().enumerate() {
        if has_reserved(&span.data) {
            // A span that is a transaction's copy has no use for these two, but they may not leave as data.
            span.data.remove(SOURCE);
            span.data.remove(SAMPLING);
            lifted.spans.insert(at, lift_span(&mut span.data));
        }
    }
    lifted
}

/// Takes the reserved keys out of an event, whose trace context is that of the span it happened in.
pub(super) fn lift_event(event: &mut Event<'static>) {
    if let Some(Context::Trace(trace)) = event.contexts.get_mut("trace") {
        trace.data.remove(SOURCE);
        trace.data.remove(SAMPLING);
        lift_trace(trace);
    }
}

fn lift_trace(trace: &mut TraceContext) -> LiftedSpan {
    if !has_reserved(&trace.data) {
        return LiftedSpan::default();
    }
    let lifted = lift_span(&mut trace.data);
    if lifted.origin.is_some() {
        trace.origin.clone_from(&lifted.origin);
    }
    lifted
}

fn lift_span(data: &mut Map<String, Value>) -> LiftedSpan {
    let origin = take_word(data, ORIGIN);
    let names: Vec<String> =
        data.range::<str, _>(from(MEASUREMENT)).map(|(key, _)| key).take_while(is_measurement).cloned().collect();
    let measurements = names
        .into_iter()
        .filter_map(|key| {
            let value = data.remove(&key)?;
            Some((key.strip_prefix(MEASUREMENT).filter(|name| is_word(name))?.to_owned(), measurement(&value)?))
        })
        .collect();
    LiftedSpan { origin, measurements }
}

fn from(start: &str) -> (Bound<&str>, Bound<&str>) {
    (Bound::Included(start), Bound::Unbounded)
}

fn is_measurement(key: &&String) -> bool {
    key.starts_with(MEASUREMENT)
}

fn has_reserved(data: &Map<String, Value>) -> bool {
    data.range::<str, _>(from("sentry.")).next().is_some_and(|(key, _)| key.starts_with("sentry."))
}

/// Names without room for anything but a name.
fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

fn take_word(data: &mut Map<String, Value>, key: &str) -> Option<String> {
    match data.remove(key)? {
        Value::String(word) if is_word(&word) => Some(word),
        _ => None,
    }
}

fn measurement(value: &Value) -> Option<Measurement> {
    let (number, unit) = match value {
        Value::Object(fields) => (fields.get("value")?, fields.get("unit").and_then(Value::as_str)),
        number => (number, None),
    };
    let unit = unit.filter(|unit| is_word(unit) && unit.len() <= 15).map(str::to_owned);
    Some(Measurement { value: number.as_f64()?, unit })
}

fn take_sampling(data: &mut Map<String, Value>) -> Option<Map<String, String>> {
    let Value::Object(fields) = data.remove(SAMPLING)? else { return None };
    let fields: Map<String, String> = fields
        .into_iter()
        .filter_map(|(key, value)| match value {
            Value::String(text) => Some((key, text)),
            _ => None,
        })
        .collect();
    Some(fields).filter(|fields| !fields.is_empty())
}

#[cfg(test)]
mod tests {
    use sentry_core::protocol::Span;
    use serde_json::json;

    use super::*;

    fn data(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn reserved_keys_leave_the_data_and_other_keys_stay() {
        let trace = TraceContext {
            data: data(json!({
                "sentry.source": "route", "sentry.origin": "auto.http.watchpost", "sentry.op": "http.server", "a": 1,
                "sentry.measurement.cart": {"value": 3, "unit": "item"}, "sentry.measurement.ratio": 0.5,
                "sentry.dsc": {"trace_id": "f", "sampled": "true", "odd": 1},
            })),
            ..TraceContext::default()
        };
        let plain = Span { data: data(json!({"k": "v", "z": 1})), ..Span::default() };
        let known = Span { data: data(json!({"sentry.origin": "auto.db", "sentry.source": "url"})), ..Span::default() };
        let mut transaction = Transaction { spans: vec![plain.clone(), known], ..Transaction::default() };
        transaction.contexts.insert("trace".into(), trace.into());

        let lifted = lift(&mut transaction);
        assert_eq!(lifted.source.as_deref(), Some("route"));
        assert_eq!(
            serde_json::to_value(&lifted.measurements).unwrap(),
            json!({"cart": {"value": 3.0, "unit": "item"}, "ratio": {"value": 0.5}})
        );
        assert_eq!(serde_json::to_value(&lifted.sampling).unwrap(), json!({"trace_id": "f", "sampled": "true"}));
        assert_eq!(lifted.spans.keys().collect::<Vec<_>>(), [&1]);
        assert_eq!(lifted.spans[&1].origin.as_deref(), Some("auto.db"));
        assert_eq!(transaction.spans[0], plain);
        assert!(transaction.spans[1].data.is_empty());
        let Some(Context::Trace(trace)) = transaction.contexts.get("trace") else { panic!("no trace") };
        assert_eq!(trace.origin.as_deref(), Some("auto.http.watchpost"));
        assert_eq!(trace.data, data(json!({"sentry.op": "http.server", "a": 1})));
    }

    #[test]
    fn a_value_of_another_form_goes_nowhere() {
        let trace = TraceContext {
            data: data(json!({
                "sentry.source": "4111 1111 1111 1111", "sentry.origin": "mail a@b.example", "sentry.dsc": "x",
                "sentry.measurement.a b": 1, "sentry.measurement.n": "1", "sentry.measurement.u": {"value": 1, "unit": "a@b.example"},
            })),
            ..TraceContext::default()
        };
        let mut transaction = Transaction::default();
        transaction.contexts.insert("trace".into(), trace.into());
        let lifted = lift(&mut transaction);
        assert!(lifted.source.is_none() && lifted.sampling.is_none());
        assert_eq!(serde_json::to_value(&lifted.measurements).unwrap(), json!({"u": {"value": 1.0}}));
        let text = serde_json::to_string(&transaction).unwrap();
        assert!(!text.contains("sentry.") && !text.contains("origin"), "{text}");
    }
}
