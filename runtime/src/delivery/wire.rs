//! Envelopes as bytes: the SDK's own writing, except where its types cannot say what the server should know.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use sentry_core::Envelope;
use sentry_core::protocol::{EnvelopeItem, Map, MonitorCheckIn, Span, Transaction, Value};
use sentry_core::types::Uuid;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::enrich::{Lifted, LiftedSpan};

/// Who sends: it stands in check-ins and in the `trace` header, and the SDK gives it to neither.
#[derive(Debug, Clone, Default)]
pub(super) struct Identity {
    pub(super) public_key: String,
    pub(super) named: Arc<OnceLock<Named>>,
}

/// What the client calls the running program.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) release: Option<Cow<'static, str>>,
    pub(super) environment: Option<Cow<'static, str>>,
}

impl Identity {
    pub(super) fn release(&self) -> Option<&str> {
        self.named.get()?.release.as_deref()
    }

    pub(super) fn environment(&self) -> Option<&str> {
        self.named.get()?.environment.as_deref()
    }
}

/// The line an envelope begins with.
pub(super) fn write_header(
    buffer: &mut Vec<u8>,
    event_id: Option<Uuid>,
    trace: Option<&Map<String, String>>,
) -> serde_json::Result<()> {
    let mut header = serde_json::Map::new();
    if let Some(id) = event_id {
        header.insert("event_id".into(), id.as_simple().to_string().into());
    }
    if let Some(trace) = trace {
        header.insert("trace".into(), trace.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect());
    }
    serde_json::to_writer(&mut *buffer, &header)?;
    buffer.push(b'\n');
    Ok(())
}

/// Appends one item, header and payload, and gives the item back.
pub(super) fn write_item(
    buffer: &mut Vec<u8>,
    item: EnvelopeItem,
    lifted: Option<&Lifted>,
    identity: &Identity,
) -> serde_json::Result<Option<EnvelopeItem>> {
    match item {
        EnvelopeItem::Transaction(transaction) => {
            let none = Lifted::default();
            let lifted = lifted.unwrap_or(&none);
            write_payload(buffer, "transaction", &WireTransaction { transaction: &transaction, lifted })?;
            Ok(Some(EnvelopeItem::Transaction(transaction)))
        }
        EnvelopeItem::MonitorCheckIn(check_in) => {
            write_payload(buffer, "check_in", &WireCheckIn { check_in: &check_in, release: identity.release() })?;
            Ok(Some(EnvelopeItem::MonitorCheckIn(check_in)))
        }
        other => {
            let envelope = Envelope::from(other);
            let mut bytes = Vec::new();
            envelope.to_writer(&mut bytes).map_err(serde_json::Error::io)?;
            // The first line is the envelope's, not the item's.
            let body = bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |end| end + 1);
            buffer.extend_from_slice(&bytes[body..]);
            Ok(envelope.into_items().next())
        }
    }
}

fn write_payload(buffer: &mut Vec<u8>, kind: &str, payload: &impl Serialize) -> serde_json::Result<()> {
    let payload = serde_json::to_vec(payload)?;
    buffer.extend_from_slice(format!("{{\"type\":\"{kind}\",\"length\":{}}}\n", payload.len()).as_bytes());
    buffer.extend_from_slice(&payload);
    buffer.push(b'\n');
    Ok(())
}

#[derive(Serialize)]
struct WireCheckIn<'a> {
    #[serde(flatten)]
    check_in: &'a MonitorCheckIn,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<&'a str>,
}

struct WireTransaction<'a> {
    transaction: &'a Transaction<'static>,
    lifted: &'a Lifted,
}

impl Serialize for WireTransaction<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Taken apart without `..`: a field that the SDK adds must not be lost in silence.
        let Transaction {
            event_id,
            name,
            release,
            environment,
            user,
            tags,
            extra,
            sdk,
            platform,
            timestamp,
            start_timestamp,
            spans,
            contexts,
            request,
            server_name,
        } = self.transaction;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event_id", event_id.as_simple())?;
        map.serialize_entry("type", "transaction")?;
        // The SDK's default is left out of the JSON and then not known to the server; its events say this.
        map.serialize_entry("platform", if platform == "other" { "native" } else { platform.as_ref() })?;
        entry(&mut map, "transaction", name.as_ref())?;
        if let Some(source) = &self.lifted.source {
            map.serialize_entry("transaction_info", &serde_json::json!({ "source": source }))?;
        }
        map.serialize_entry("start_timestamp", &unix(*start_timestamp))?;
        entry(&mut map, "timestamp", timestamp.map(unix).as_ref())?;
        entry(&mut map, "release", release.as_ref())?;
        entry(&mut map, "environment", environment.as_ref())?;
        entry(&mut map, "server_name", server_name.as_ref())?;
        filled(&mut map, "contexts", contexts)?;
        filled(&mut map, "tags", tags)?;
        entry(&mut map, "user", user.as_ref())?;
        entry(&mut map, "request", request.as_ref())?;
        filled(&mut map, "extra", extra)?;
        filled(&mut map, "measurements", &self.lifted.measurements)?;
        entry(&mut map, "sdk", sdk.as_ref())?;
        map.serialize_entry("spans", &WireSpans { spans, lifted: self.lifted })?;
        map.end()
    }
}

struct WireSpans<'a> {
    spans: &'a [Span],
    lifted: &'a Lifted,
}

impl Serialize for WireSpans<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.spans.iter().enumerate().map(|(at, span)| WireSpan { span, lifted: self.lifted.spans.get(&at) }),
        )
    }
}

struct WireSpan<'a> {
    span: &'a Span,
    lifted: Option<&'a LiftedSpan>,
}

impl Serialize for WireSpan<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Span {
            span_id,
            trace_id,
            parent_span_id,
            same_process_as_parent,
            op,
            description,
            timestamp,
            start_timestamp,
            status,
            tags,
            data,
        } = self.span;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("span_id", span_id)?;
        map.serialize_entry("trace_id", trace_id)?;
        entry(&mut map, "parent_span_id", parent_span_id.as_ref())?;
        entry(&mut map, "same_process_as_parent", same_process_as_parent.as_ref())?;
        entry(&mut map, "op", op.as_ref())?;
        entry(&mut map, "description", description.as_ref())?;
        // Both as numbers: the SDK writes the end as text, which readers cut to milliseconds, and short spans end before they began.
        map.serialize_entry("start_timestamp", &unix(*start_timestamp))?;
        entry(&mut map, "timestamp", timestamp.map(unix).as_ref())?;
        entry(&mut map, "status", status.as_ref())?;
        filled(&mut map, "tags", tags)?;
        filled(&mut map, "data", data)?;
        if let Some(LiftedSpan { origin, measurements }) = self.lifted {
            entry(&mut map, "origin", origin.as_ref())?;
            filled(&mut map, "measurements", measurements)?;
        }
        map.end()
    }
}

fn entry<M: SerializeMap, T: Serialize>(map: &mut M, key: &str, value: Option<&T>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(key, value))
}

fn filled<M: SerializeMap, V: Serialize>(map: &mut M, key: &str, value: &Map<String, V>) -> Result<(), M::Error> {
    if value.is_empty() { Ok(()) } else { map.serialize_entry(key, value) }
}

fn unix(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
