//! What stands on the wire that the SDK's types cannot say.

use std::sync::{Arc, Mutex};

use sentry_core::protocol::{EnvelopeItem, Event, MonitorCheckIn, MonitorCheckInStatus};
use sentry_core::{ClientOptions, Envelope, Hub, TransactionContext, Transport};
use serde_json::{Value, json};
use watchpost::Guard;
use watchpost::delivery::{Delivery, Destination, Settings};
use watchpost_tests::server::{Server, parse};

use super::{LONG, capture, client, nothing, options, send, transaction};

fn check_in() -> EnvelopeItem {
    EnvelopeItem::MonitorCheckIn(MonitorCheckIn {
        check_in_id: sentry_core::types::Uuid::from_u128(7),
        monitor_slug: "nightly".into(),
        status: MonitorCheckInStatus::Ok,
        environment: None,
        duration: Some(1.5),
        monitor_config: None,
    })
}

#[test]
fn the_sampling_context_reaches_the_server_whole() {
    let server = Server::start();
    let guard = Guard::bind(options(&server.dsn()).traces_sample_rate(1.0), Delivery::new(Settings::default()));
    let transaction = sentry_core::start_transaction(TransactionContext::new("booking", "test"));
    let trace_id = transaction.get_trace_context().trace_id.to_string();
    transaction.finish();
    guard.flush(LONG);
    assert_eq!(
        server.requests()[0].envelope["trace"],
        json!({
            "trace_id": trace_id, "public_key": "public", "sample_rate": "1", "sampled": "true",
            "release": "shop@1.2.3", "environment": "staging", "transaction": "booking",
        })
    );
    assert_eq!(server.requests()[0].envelope["event_id"], server.items("transaction")[0]["event_id"]);
}

#[test]
fn a_sampling_context_from_upstream_stays_as_it_came_but_for_secrets() {
    let server = Server::start();
    let guard = client(&server, Settings::default());
    let frozen = json!({
        "trace_id": "0123456789abcdef0123456789abcdef", "sample_rate": "0.25", "sampled": "true", "public_key": "theirs",
        "transaction": "mail to anna@example.com", "their_own": "word",
    });
    send(transaction("ours", json!({ "sentry.dsc": frozen })));
    guard.flush(LONG);
    let trace = server.requests()[0].envelope["trace"].clone();
    let seen = ["trace_id", "sample_rate", "sampled", "public_key"].map(|key| trace[key] == frozen[key]);
    assert_eq!((seen, trace.as_object().unwrap().len()), ([true; 4], 5), "{trace}");
    assert!(!server.bytes().contains("anna@example.com"), "{trace}");
}

#[test]
fn a_transaction_says_its_source_its_measurements_and_its_spans_origins() {
    let server = Server::start();
    let guard = client(&server, Settings::default());
    let data = json!({
        "sentry.source": "task", "sentry.origin": "auto.queue.watchpost",
        "sentry.measurement.items": {"value": 3, "unit": "item"}, "cart": 7,
    });
    send(transaction("job", data));
    guard.flush(LONG);
    let sent = server.items("transaction").remove(0);
    assert_eq!(sent["transaction_info"], json!({"source": "task"}));
    assert_eq!(sent["measurements"], json!({"items": {"value": 3.0, "unit": "item"}}));
    assert_eq!(sent["contexts"]["trace"]["origin"], "auto.queue.watchpost");
    assert_eq!(sent["contexts"]["trace"]["data"], json!({"cart": 7}));
    assert_eq!(sent["spans"][0]["origin"], "auto.queue.watchpost");
    assert_eq!(sent["spans"][0]["data"], json!({"cart": 7}));
    assert_eq!(sent["platform"], "native");
    assert!(sent["start_timestamp"].is_f64() && sent["spans"][0]["start_timestamp"].is_f64());
}

/// Every other word of a transaction is the SDK's own.
#[test]
fn a_transaction_loses_nothing_that_the_sdk_would_have_written() {
    let sdk: Value = serde_json::from_str(include_str!("transaction.json")).unwrap();
    let typed: sentry_core::protocol::Transaction<'static> = serde_json::from_value(sdk.clone()).unwrap();
    assert_eq!(serde_json::to_value(&typed).unwrap(), sdk, "the file has what the SDK's type has");
    let server = Server::start();
    let guard = client(&server, Settings::default());
    send(typed);
    guard.flush(LONG);
    let mut ours = server.items("transaction").remove(0);
    // Times are numbers at both ends; the type is said, as other SDKs do.
    assert_eq!(ours.as_object_mut().unwrap().remove("type"), Some(json!("transaction")));
    for end in ["/timestamp", "/spans/0/timestamp"] {
        let end = ours.pointer_mut(end).unwrap();
        assert_eq!(*end, json!(1_700_000_001.5));
        *end = json!("2023-11-14T22:13:21.5Z");
    }
    assert_eq!(ours, sdk);
}

#[test]
fn a_check_in_knows_where_it_comes_from() {
    let server = Server::start();
    let guard = client(&server, Settings::default());
    send(check_in());
    guard.flush(LONG);
    let sent = server.items("check_in").remove(0);
    assert_eq!((&sent["environment"], &sent["release"]), (&json!("staging"), &json!("shop@1.2.3")));
    assert_eq!(
        (&sent["monitor_slug"], &sent["duration"], &sent["status"]),
        (&json!("nightly"), &json!(1.5), &json!("ok"))
    );
}

#[test]
fn an_event_is_written_as_the_sdk_writes_it_with_its_attachments() {
    let server = Server::start();
    let guard = client(&server, Settings::default());
    let event = Event { message: Some("hello".into()), ..Event::default() };
    let mut envelope: Envelope = event.into();
    envelope.add_item(sentry_core::protocol::Attachment {
        buffer: b"two\nlines".to_vec(),
        filename: "a.txt".into(),
        ..Default::default()
    });
    let mut sdk = Vec::new();
    envelope.to_writer(&mut sdk).unwrap();
    let sdk = String::from_utf8(sdk).unwrap();
    send(envelope);
    guard.flush(LONG);
    let ours = server.bytes();
    assert_eq!(ours.split_once('\n').unwrap().1, sdk.split_once('\n').unwrap().1);
    assert_eq!(
        server.requests()[0].envelope["event_id"],
        parse(&sdk).unwrap().0["event_id"].as_str().unwrap().replace('-', "")
    );
}

#[test]
fn a_raw_envelope_is_read_and_one_that_cannot_be_read_does_not_leave() {
    let server = Server::start();
    let guard = client(&server, Settings::default());
    let mut readable = Vec::new();
    Envelope::from(Event { message: Some("raw".into()), ..Event::default() }).to_writer(&mut readable).unwrap();
    send_raw(readable);
    send_raw(b"{}\n{\"type\":\"profile_chunk\",\"length\":2}\n{}\n".to_vec());
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, serde_json::to_value(&report.dropped).unwrap()), (1, json!({"redaction": 1})));
    assert_eq!(server.items("event")[0]["message"], "raw");
}

fn send_raw(bytes: Vec<u8>) {
    Hub::current().client().unwrap().send_envelope(Envelope::from_bytes_raw(bytes).unwrap());
}

#[test]
fn sessions_pass() {
    let server = Server::start();
    let guard = Guard::bind(options(&server.dsn()).auto_session_tracking(true), Delivery::new(Settings::default()));
    drop(guard);
    let sessions = server.items("session");
    assert_eq!((sessions.len(), &sessions[0]["status"]), (1, &json!("exited")));
    assert_eq!(sessions[0]["attrs"]["environment"], "staging");
}

#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<Envelope>>>);

impl Transport for Recorder {
    fn send_envelope(&self, envelope: Envelope) {
        self.0.lock().unwrap().push(envelope);
    }
}

fn with_own_transport(wrap: fn(Arc<dyn sentry_core::TransportFactory>) -> Destination) -> (Guard, Recorder) {
    let recorder = Recorder::default();
    let theirs = recorder.clone();
    let factory = move |_: &ClientOptions| -> Arc<dyn Transport> { Arc::new(theirs.clone()) };
    let settings = Settings { destination: wrap(Arc::new(factory)), ..Settings::default() };
    (Guard::bind(options("http://public@localhost/1"), Delivery::new(settings)), recorder)
}

#[test]
fn a_transport_of_the_programs_own_gets_what_was_added_or_what_it_can_read() {
    let (guard, recorder) = with_own_transport(Destination::Transport);
    capture("typed");
    send(transaction("raw", json!({"sentry.source": "task"})));
    guard.flush(LONG);
    send(check_in());
    assert_eq!(guard.flush(LONG).delivered, 3);
    let stats = watchpost::delivery::stats().unwrap();
    assert_eq!((stats.delivered.total(), stats.handed_over.total()), (0, 3));
    let sent: Vec<_> = recorder.0.lock().unwrap().drain(..).collect();
    assert_eq!(sent.iter().map(|envelope| envelope.items().count()).collect::<Vec<_>>(), [1, 0, 0]);
    let texts: Vec<_> = sent.iter().map(text).collect();
    assert!(texts[1].contains("transaction_info"), "{}", texts[1]);
    assert!(texts[2].contains("\"environment\":\"staging\""), "{}", texts[2]);

    let (guard, recorder) = with_own_transport(Destination::Typed);
    send(transaction("typed", nothing()));
    guard.flush(LONG);
    send(check_in());
    assert_eq!(guard.flush(LONG).delivered, 2);
    let sent: Vec<_> = recorder.0.lock().unwrap().drain(..).collect();
    assert_eq!(sent.iter().map(|envelope| envelope.items().count()).collect::<Vec<_>>(), [1, 1]);
    assert!(text(&sent[1]).contains("\"environment\":\"staging\""));
}

fn text(envelope: &Envelope) -> String {
    let mut bytes = Vec::new();
    envelope.to_writer(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn without_a_server_there_are_copies_alone() {
    let spotlight = Server::start();
    let settings =
        Settings { destination: Destination::Nowhere, spotlight: Some(spotlight.url()), ..Settings::default() };
    let guard = Guard::bind(options(watchpost::delivery::LOCAL_DSN), Delivery::new(settings));
    assert!(guard.is_enabled());
    capture("local");
    assert!(guard.flush(LONG).is_complete());
    assert_eq!(spotlight.items("event")[0]["message"], "local");
}
