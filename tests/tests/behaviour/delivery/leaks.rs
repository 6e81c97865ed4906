//! Nothing secret leaves, in no kind of item. The redactor's own tests say what is secret; these say that it is asked.

use sentry_core::protocol::{Attachment, EnvelopeItem, Event, SessionAggregates, SessionAttributes};
use serde_json::{Value, json};
use watchpost::delivery::{Kind, Settings};
use watchpost_tests::server::Server;

use super::{LONG, client, send, transaction};

const SECRETS: [&str; 3] = ["4111 1111 1111 1111", "hunter2-secret", "anna@example.com"];

fn planted() -> Value {
    json!({"note": format!("card {}", SECRETS[0]), "password": SECRETS[1], "who": SECRETS[2]})
}

fn text() -> String {
    format!("card {} of {}", SECRETS[0], SECRETS[2])
}

#[test]
fn no_kind_of_item_leaves_unredacted() {
    let server = Server::start();
    let guard = client(&server, Settings::default());
    let event: Event<'static> = serde_json::from_value(json!({"message": text(), "extra": planted()})).unwrap();
    send(event);
    send(transaction(&text(), planted()));
    let attributes: Value = planted()
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| (k.clone(), json!({"value": v, "type": "string"})))
        .collect();
    let log = json!({"level": "info", "body": text(), "timestamp": 1.0, "attributes": attributes});
    send(EnvelopeItem::from(vec![serde_json::from_value::<sentry_core::protocol::Log>(log).unwrap()]));
    let metric = json!({"type": "counter", "name": "m", "value": 1.0, "timestamp": 1.0, "trace_id": "1".repeat(32), "attributes": attributes});
    send(EnvelopeItem::from(vec![serde_json::from_value::<sentry_core::protocol::Metric>(metric).unwrap()]));
    let check_in =
        json!({"check_in_id": "1".repeat(32), "monitor_slug": "nightly", "status": "ok", "environment": text()});
    send(EnvelopeItem::MonitorCheckIn(serde_json::from_value(check_in).unwrap()));
    let session = json!({"sid": "00000000-0000-0000-0000-000000000001", "did": SECRETS[2], "started": "2023-11-14T22:13:21Z", "attrs": {"release": "shop@1", "user_agent": text()}});
    send(EnvelopeItem::SessionUpdate(serde_json::from_value(session).unwrap()));
    send(EnvelopeItem::SessionAggregates(SessionAggregates {
        aggregates: vec![],
        attributes: SessionAttributes {
            release: "shop@1".into(),
            environment: None,
            ip_address: None,
            user_agent: Some(text()),
        },
    }));
    send(EnvelopeItem::Attachment(Attachment {
        buffer: text().into_bytes(),
        filename: "a.txt".into(),
        ..Attachment::default()
    }));
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, report.pending, report.dropped_total()), (8, 0, 0), "{report}");
    let stats = watchpost::delivery::stats().unwrap();
    assert!(stats.redacted_values >= 16, "{}", stats.redacted_values);
    for kind in [Kind::Event, Kind::Transaction, Kind::Log, Kind::Metric, Kind::CheckIn, Kind::Attachment] {
        assert_eq!(stats.delivered.get(kind), 1, "{kind:?}");
    }
    let bytes = server.bytes();
    for secret in SECRETS {
        assert!(!bytes.contains(secret), "{secret} in {bytes}");
    }
}

#[test]
fn what_cannot_be_redacted_is_not_sent() {
    let server = Server::start();
    let redactor = watchpost::redact::Redactor::new().redact_pattern(|text| {
        assert!(!text.contains("poison"), "a pattern's own fault");
        None
    });
    let guard = client(&server, Settings { redactor, ..Settings::default() });
    super::capture("poison");
    super::capture("harmless");
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, serde_json::to_value(&report.dropped).unwrap()), (1, json!({"redaction": 1})));
    assert!(!server.bytes().contains("poison"));
}
