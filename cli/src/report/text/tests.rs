//! What a whole report looks like, down to the character.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::super::Report;
use super::Style;
use crate::receiver::{Answer, Failure, Item, Payload, Request};

fn item(kind: &str, payload: Value) -> Item {
    Item {
        kind: kind.to_owned(),
        request: 0,
        received_at: SystemTime::UNIX_EPOCH,
        envelope: Default::default(),
        headers: Default::default(),
        payload: Payload::Json(payload),
    }
}

fn request(answer: Answer) -> Request {
    Request {
        received_at: SystemTime::UNIX_EPOCH,
        method: "POST".to_owned(),
        target: "/api/1/envelope/".to_owned(),
        headers: Vec::new(),
        wire_length: 0,
        body: Vec::new(),
        answer,
    }
}

/// One booking: a request with a failed charge, and the task it queued, which fails once and is then done.
fn items() -> Vec<Item> {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let task = |span: &str, status: &str, start: f64| {
        item(
            "transaction",
            json!({
                "transaction": "send_email_notification", "start_timestamp": start, "timestamp": start + 0.05,
                "contexts": {"trace": {"trace_id": trace, "span_id": span, "parent_span_id": "a4", "op": "queue.process",
                    "status": if status == "ok" { "ok" } else { "aborted" },
                    "data": {"messaging.destination.name": "notifications", "messaging.message.receive.latency": 12.5}}},
                "tags": {"task.name": "send_email_notification", "task.status": status},
            }),
        )
    };
    let check_in = |status: &str, more: Value| {
        let mut all = json!({"check_in_id": "c1", "monitor_slug": "nightly_reminders", "status": status,
            "monitor_config": {"schedule": {"type": "crontab", "value": "0 3 * * *"}, "timezone": "Europe/Berlin"}});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        item("check_in", all)
    };
    vec![
        item(
            "transaction",
            json!({
                "transaction": "POST /appointments", "start_timestamp": 100.0, "timestamp": "1970-01-01T00:01:40.200Z",
                "contexts": {"trace": {"trace_id": trace, "span_id": "a1", "op": "http.server", "status": "failed_precondition"}},
                "spans": [
                    {"span_id": "a4", "parent_span_id": "a1", "op": "queue.publish", "description": "notifications",
                        "start_timestamp": 100.15, "timestamp": 100.16},
                    {"span_id": "a3", "parent_span_id": "a2", "op": "http.client", "description": "POST http://pay/v1/charges",
                        "start_timestamp": 100.05, "timestamp": 100.1, "status": "ok"},
                    {"span_id": "a2", "parent_span_id": "a1", "op": "function", "description": "charge_payment\u{1b}[2J",
                        "start_timestamp": 100.04, "timestamp": 100.12, "status": "failed_precondition"},
                ],
            }),
        ),
        task("b1", "retry", 100.25),
        task("b2", "ok", 100.35),
        item(
            "event",
            json!({
                "level": "warning", "transaction": "POST /appointments",
                "exception": {"values": [
                    {"type": "GatewayError", "value": "insufficient_funds"},
                    {"type": "PaymentError::Declined", "value": "card [REDACTED] was declined", "stacktrace": {"frames": [
                        {"function": "create_booking", "module": "shop::booking", "filename": "src/booking.rs", "lineno": 20},
                        {"function": "poll", "module": "tokio::task", "in_app": false},
                        {"function": "{async_fn#0}", "filename": "src/payment.rs", "lineno": 40},
                        {"function": "charge", "module": "shop::payment", "filename": "src/payment.rs", "lineno": 42}]}},
                ]},
                "tags": [["error.category", "payment"]],
                "contexts": {"trace": {"trace_id": trace, "span_id": "a2"}, "os": {"name": "x"},
                    "payment": {"amount": 3500, "currency": "EUR", "email": "ja***@example.com"}},
            }),
        ),
        check_in("in_progress", json!({})),
        check_in("ok", json!({"duration": 0.25})),
        item(
            "client_report",
            json!({"discarded_events": [{"reason": "queue_overflow", "category": "error", "quantity": 3}]}),
        ),
        item("event", json!("no event at all")),
    ]
}

const EXPECTED: &str = include_str!("report.txt");

#[test]
fn a_report_is_laid_out_to_the_character() {
    let report = Report::new(&items(), &[request(Answer::Taken), request(Answer::Failed(Failure::Status(503)))]);
    let text = report.text(Style::PLAIN);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/text/report.txt"), &text).unwrap();
        return;
    }
    assert_eq!(text, EXPECTED, "run with BLESS=1 to accept");
    assert!(text.lines().all(|line| line.chars().count() <= 100 && !line.ends_with(' ')), "{text}");
}

#[test]
fn colour_changes_nothing_but_colour() {
    let report = Report::new(&items(), &[]);
    let mut text = report.text(Style::COLOR);
    assert!(text.contains('\u{1b}'));
    while let Some(start) = text.find('\u{1b}') {
        let end = start + text[start..].find('m').unwrap();
        text.replace_range(start..=end, "");
    }
    assert_eq!(text, report.text(Style::PLAIN));
}

#[test]
fn nothing_received_is_said_as_such() {
    let text = Report::new(&[], &[]).text(Style::PLAIN);
    assert!(text.contains("0 items") && text.contains("0 events in 0 groups"), "{text}");
    assert!(text.trim_end().ends_with("nothing"), "{text}");
}

#[test]
fn caches_deliveries_and_logs_have_a_section_where_there_are_any() {
    use super::super::{CacheStats, DeliveryStats, LogLine};
    let log = |level: &str, body: &str| LogLine { level: level.into(), body: body.into(), ..LogLine::default() };
    let report = Report {
        caches: vec![CacheStats { key: "user:*".into(), gets: 3, hits: 2 }],
        deliveries: vec![DeliveryStats {
            channel: "sms".into(),
            provider: "twilio".into(),
            outcomes: [("sent".into(), 4), ("bounced".into(), 3)].into(),
            bounces: [("permanent".into(), 1), ("transient".into(), 2)].into(),
            p95: 120.0,
        }],
        logs: vec![log("error", "no payment"), log("warn", "slow provider"), log("warn", "slow provider")],
        ..Report::default()
    };
    let text = report.text(Style::PLAIN);
    let line = |start: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(start));
        line.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("user:*"), "user:* 3 look-ups 67 % found");
    assert_eq!(line("twilio"), "twilio sms 3 bounced (1 for good), 4 sent p95 120 ms");
    assert!(line("2 x") == "2 x slow provider warn" && line("1 x") == "1 x no payment error", "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let empty = Report::default().text(Style::PLAIN);
    assert!(!empty.contains("Deliveries") && !empty.contains("Logs"));
}
