//! One item as it is kept.

use std::time::SystemTime;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::envelope::{Envelope, RawItem};

/// One item of an envelope, with the headers that came with it.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// The item's type: `event`, `transaction`, `check_in`, `client_report`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// The index of the request that brought it, into [`Receiver::requests`](super::Receiver::requests).
    pub request: usize,
    /// When it came.
    #[serde(serialize_with = "seconds")]
    pub received_at: SystemTime,
    /// The envelope's headers.
    pub envelope: Map<String, Value>,
    /// The item's headers.
    pub headers: Map<String, Value>,
    /// What it holds.
    pub payload: Payload,
}

/// What an item holds.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Payload {
    /// A JSON document.
    Json(Value),
    /// Anything else, an attachment for one.
    Bytes(Vec<u8>),
}

impl Item {
    /// The payload, if it is JSON.
    pub fn json(&self) -> Option<&Value> {
        match &self.payload {
            Payload::Json(value) => Some(value),
            Payload::Bytes(_) => None,
        }
    }

    pub(crate) fn all(envelope: Envelope, request: usize, received_at: SystemTime) -> impl Iterator<Item = Self> {
        let Envelope { headers: shared, items } = envelope;
        items.into_iter().map(move |RawItem { headers, payload }| Self {
            kind: headers.get("type").and_then(Value::as_str).unwrap_or_default().to_owned(),
            request,
            received_at,
            envelope: shared.clone(),
            headers,
            payload: serde_json::from_slice(&payload).map_or_else(|_| Payload::Bytes(payload), Payload::Json),
        })
    }
}

fn seconds<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    serializer.serialize_f64(since.as_secs_f64())
}
