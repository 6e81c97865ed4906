//! Sentry's conventions for spans of clients: operations, attributes with their types, and what each operation must say.

use serde_json::Value;
use watchpost::testing::{Captured, CapturedSpan};

type Is = fn(&Value) -> bool;

/// Attributes by their names in Sentry's conventions.
const ATTRIBUTES: [(&str, Is); 25] = [
    ("cache.hit", Value::is_boolean),
    ("cache.item_size", Value::is_u64),
    ("cache.key", is_texts),
    ("cache.operation", Value::is_string),
    ("cache.ttl", Value::is_u64),
    ("cache.write", Value::is_boolean),
    ("code.file.path", Value::is_string),
    ("code.function.name", Value::is_string),
    ("code.line.number", Value::is_u64),
    ("db.namespace", Value::is_string),
    ("db.operation.batch.size", Value::is_u64),
    ("db.operation.name", Value::is_string),
    ("db.redis.key", Value::is_string),
    ("db.response.status_code", Value::is_string),
    ("db.system.name", Value::is_string),
    ("error.type", Value::is_string),
    ("http.request.body.size", Value::is_u64),
    ("http.request.method", Value::is_string),
    ("http.request.resend_count", Value::is_u64),
    ("http.response.body.size", Value::is_u64),
    ("http.response.status_code", Value::is_u64),
    ("network.peer.address", Value::is_string),
    ("network.peer.port", Value::is_u64),
    ("sentry.origin", Value::is_string),
    ("server.address", Value::is_string),
];

/// The rest of them, and what no convention has a name for.
const OTHERS: [(&str, Is); 14] = [
    ("server.port", Value::is_u64),
    ("url.full", Value::is_string),
    ("url.template", Value::is_string),
    ("notification.bounce", Value::is_string),
    ("notification.channel", Value::is_string),
    ("notification.outcome", Value::is_string),
    ("notification.provider", Value::is_string),
    ("notification.recipient_domains", is_texts),
    ("notification.recipients", Value::is_u64),
    ("notification.response_code", Value::is_string),
    ("notification.size", Value::is_u64),
    ("notification.template", Value::is_string),
    ("redis.keys.found", Value::is_u64),
    ("redis.keys.requested", Value::is_u64),
];

/// Operations, and what a span of each must say.
const OPERATIONS: [(&str, &[&str]); 7] = [
    ("cache.get", &["cache.key", "cache.operation", "db.operation.name", "db.system.name", "sentry.origin"]),
    ("cache.put", &["cache.key", "cache.operation", "db.operation.name", "db.system.name", "sentry.origin"]),
    ("cache.remove", &["cache.key", "cache.operation", "db.operation.name", "db.system.name", "sentry.origin"]),
    ("cache.flush", &["cache.operation", "db.operation.name", "db.system.name", "sentry.origin"]),
    ("db.redis", &["db.operation.name", "db.system.name", "sentry.origin"]),
    ("http.client", &["http.request.method", "sentry.origin", "server.address", "url.full"]),
    ("notification.send", &["notification.channel", "notification.outcome", "notification.provider", "sentry.origin"]),
];

/// Checks every span below the root that is of a client.
///
/// # Panics
/// Where one is not as it must be.
pub fn check(sent: &Captured) {
    for span in sent.spans.iter().filter(|span| !span.is_root && span.op != "function") {
        check_span(span);
    }
}

fn check_span(span: &CapturedSpan) {
    let of = OPERATIONS.iter().find(|(op, _)| *op == span.op);
    assert!(of.is_some(), "no convention knows the operation `{}`", span.op);
    for key in of.into_iter().flat_map(|(_, keys)| *keys) {
        assert!(span.data.contains_key(*key), "{} `{}` does not say `{key}`: {:?}", span.op, span.name, span.data);
    }
    // A look-up that came to its end says whether there was something.
    let came_back = span.op == "cache.get" && span.status == Some(watchpost::SpanStatus::Ok);
    assert!(!came_back || span.data.contains_key("cache.hit"), "{span:?}");
    for (key, value) in &span.data {
        // How a future was polled: the engine's, as is this mark.
        if key.starts_with("async.") || key == "slow" {
            continue;
        }
        let known = ATTRIBUTES.iter().chain(&OTHERS).find(|(known, _)| known == key);
        assert!(known.is_some_and(|(_, is)| is(value)), "{} `{}`: {key} = {value}", span.op, span.name);
    }
}

fn is_texts(value: &Value) -> bool {
    value.as_array().is_some_and(|values| values.iter().all(Value::is_string))
}
