//! The dynamic sampling context: by the envelope's `trace` header the server knows what a sampled transaction stands for.
//!
//! The SDK computes a part of it, and its transport threads rebuild every envelope without headers, so that none of it
//! reaches the wire.

use sentry_core::protocol::{EnvelopeHeaders, Map, Transaction, Value};

use super::enrich::Lifted;
use super::wire::Identity;
use crate::redact::Redactor;

/// The fields that a server reads. An incoming context may have others: those are other vendors' or other people's words.
const FIELDS: [&str; 10] = [
    "trace_id",
    "public_key",
    "sample_rate",
    "sample_rand",
    "sampled",
    "release",
    "environment",
    "transaction",
    "org_id",
    "replay_id",
];

/// The `trace` header of a transaction's envelope. One that came in from upstream is frozen: nothing is added to it.
pub(super) fn trace_header(
    transaction: &Transaction<'static>,
    lifted: &Lifted,
    headers: &EnvelopeHeaders,
    identity: &Identity,
    redactor: &Redactor,
) -> Option<Map<String, String>> {
    // Without these two it says nothing that a server could use, and ours does.
    let whole = |frozen: &&Map<String, String>| ["trace_id", "public_key"].iter().all(|key| frozen.contains_key(*key));
    if let Some(frozen) = lifted.sampling.as_ref().filter(whole) {
        let known = frozen.iter().filter(|(key, _)| FIELDS.contains(&key.as_str()));
        let mut frozen: Map<_, _> = known.map(|(key, value)| (key.clone(), value.clone())).collect();
        for value in frozen.values_mut() {
            // Upstream's words, and upstream may not redact.
            *value = redactor.text(value).into_owned();
        }
        return Some(frozen);
    }
    let mut fields: Map<String, String> = match serde_json::to_value(headers) {
        Ok(Value::Object(mut headers)) => match headers.remove("trace") {
            Some(Value::Object(trace)) => {
                trace.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect()
            }
            _ => return None,
        },
        _ => return None,
    };
    fields.entry("public_key".into()).or_insert_with(|| identity.public_key.clone());
    let release = transaction.release.as_deref().or(identity.release());
    let environment = transaction.environment.as_deref().or(identity.environment());
    // A name made of a URL has too many values to sample by, and may hold anything.
    let name = transaction.name.as_ref().filter(|_| lifted.source.as_deref() != Some("url"));
    let known = [
        ("release", release.map(str::to_owned)),
        ("environment", environment.map(str::to_owned)),
        ("transaction", name.cloned()),
    ];
    for (key, value) in known {
        if let Some(value) = value {
            fields.insert(key.into(), value);
        }
    }
    Some(fields)
}
