//! The page in a real browser: what it shows, and that what arrives is never markup.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use watchpost_cli::{Receiver, page};

/// Hostile text: each way out of text that a page could leave open.
const HOSTILE: &str = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";

fn send(receiver: &Receiver, items: &[(&str, Value)]) {
    let mut body = String::from("{}\n");
    for (kind, payload) in items {
        let payload = payload.to_string();
        body += &format!("{{\"type\":\"{kind}\",\"length\":{}}}\n{payload}\n", payload.len());
    }
    let mut stream = TcpStream::connect(receiver.address()).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST /api/1/envelope/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// A day in which every text is hostile.
fn hostile(receiver: &Receiver) {
    let trace = |span: &str| json!({"trace_id": HOSTILE, "span_id": span, "op": HOSTILE, "status": HOSTILE, "data": {HOSTILE: HOSTILE}});
    let frames = json!([{"function": HOSTILE, "filename": HOSTILE, "vars": {HOSTILE: HOSTILE}}]);
    let items = [
        (
            "transaction",
            json!({
                "transaction": HOSTILE, "start_timestamp": 100.0, "timestamp": 100.2, "contexts": {"trace": trace("a1")},
                "spans": [{"span_id": "a2", "parent_span_id": "a1", "op": HOSTILE, "description": HOSTILE,
                    "start_timestamp": 100.05, "timestamp": 100.1, "status": HOSTILE, "data": {HOSTILE: HOSTILE}}],
                "tags": {"task.name": HOSTILE, "task.status": HOSTILE},
            }),
        ),
        (
            "event",
            json!({
                "level": HOSTILE, "timestamp": 100.1, "transaction": HOSTILE, "fingerprint": [HOSTILE],
                "exception": {"values": [{"type": HOSTILE, "value": HOSTILE},
                    {"type": HOSTILE, "value": HOSTILE, "stacktrace": {"frames": frames}}]},
                "tags": {"error.category": HOSTILE}, "user": {HOSTILE: HOSTILE},
                "contexts": {"trace": trace("a2"), HOSTILE: {HOSTILE: "[REDACTED]"}},
                "breadcrumbs": {"values": [{"timestamp": 99.0, "category": HOSTILE, "message": HOSTILE, "data": {HOSTILE: HOSTILE}}]},
            }),
        ),
        // Times that no calendar knows, and ids that make a circle.
        (
            "transaction",
            json!({
                "transaction": "", "start_timestamp": 1e300, "timestamp": -1e300, "contexts": {"trace": {"trace_id": "t", "span_id": "x"}},
                "spans": [
                    {"span_id": "x", "parent_span_id": "y", "start_timestamp": -1, "timestamp": 1e300},
                    {"span_id": "y", "parent_span_id": "x", "start_timestamp": "never", "timestamp": null},
                ],
            }),
        ),
        ("event", json!({"timestamp": 1e300, "breadcrumbs": [{"timestamp": 1e300}, 7], "exception": [null]})),
        (
            "check_in",
            json!({"check_in_id": "c", "monitor_slug": HOSTILE, "status": HOSTILE,
            "monitor_config": {"schedule": {"type": "crontab", "value": HOSTILE}, "timezone": HOSTILE}}),
        ),
        (
            "log",
            json!({"items": [{"level": HOSTILE, "body": HOSTILE, "timestamp": 100.0, "attributes": {HOSTILE: {"value": HOSTILE}}}]}),
        ),
        ("trace_metric", json!({"items": [{"name": HOSTILE, "type": HOSTILE, "unit": HOSTILE, "value": 1.5}]})),
        ("client_report", json!({"discarded_events": [{"reason": HOSTILE, "category": HOSTILE, "quantity": 3}]})),
    ];
    send(receiver, &items);
}

/// A chromium; none, said aloud, where there is none.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("WATCHPOST_TEST_CHROMIUM").filter(|path| !path.is_empty()).map(PathBuf::from);
    let usual = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let folders: Vec<_> = std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect();
    let found = || {
        usual.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
    };
    let chromium = named.or_else(found);
    let required = std::env::var("WATCHPOST_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
    assert!(chromium.is_some() || !required, "no chromium is installed, and WATCHPOST_REQUIRE_SERVICES=1");
    if chromium.is_none() {
        // Past the test harness, which shows the output of failed tests alone.
        let line = b"SKIPPED: no chromium is installed (WATCHPOST_TEST_CHROMIUM names one)\n";
        let _ = std::io::stderr().write_all(line);
    }
    chromium
}

/// The document as the browser has built it, after its scripts have run for a while.
fn document(receiver: &Receiver) -> Option<String> {
    let profile =
        std::env::temp_dir().join(format!("watchpost-page-{}-{}", std::process::id(), receiver.address().port()));
    let output = Command::new(chromium()?)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"])
        .args(["--disable-component-update", "--virtual-time-budget=4000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("http://{}/", receiver.address()))
        .output()
        .unwrap();
    let _ = std::fs::remove_dir_all(profile);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// How often a text stands in the document, outside of its script and style.
fn count(document: &str, text: &str) -> usize {
    let (head, rest) = document.split_once("<main").unwrap();
    let _ = head;
    rest.split_once("<script").unwrap().0.matches(text).count()
}

#[test]
fn what_arrives_is_shown_as_text_and_never_run() {
    let receiver = page::receiver(0).unwrap();
    hostile(&receiver);
    let Some(document) = document(&receiver) else { return };
    assert!(document.contains("data-state=\"live\""), "the page did not get through it: {document}");
    assert!(document.contains("<title>Watchpost</title>"), "a script of a stranger ran: {document}");
    assert_eq!(count(&document, "<img"), 0, "{document}");
    // As text in the transaction, the span, the error with all that belongs to it, the monitor, the task and the rest.
    assert!(count(&document, "&lt;img src=x onerror=") > 40, "{document}");
    let sections = ["errors", "traces", "transactions", "tasks", "check-ins", "logs", "metrics", "redacted", "lost"];
    for section in sections {
        assert_eq!(count(&document, &format!("<section id=\"{section}\"")), 1, "{section}");
    }
}

#[test]
fn a_trace_an_error_and_what_is_lost_are_told() {
    let receiver = page::receiver(0).unwrap();
    let trace =
        |span: &str| json!({"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": span, "op": "http.server"});
    send(
        &receiver,
        &[
            (
                "transaction",
                json!({
                    "transaction": "POST /appointments", "start_timestamp": 100.0, "timestamp": 100.2, "contexts": {"trace": trace("a1")},
                    "spans": [{"span_id": "a2", "parent_span_id": "a1", "op": "function", "description": "charge_payment",
                        "start_timestamp": 100.05, "timestamp": 100.1, "status": "failed_precondition", "data": {"amount": 3500}}],
                }),
            ),
            (
                "event",
                json!({
                    "timestamp": 100.1, "level": "warning", "contexts": {"trace": trace("a2"), "payment": {"email": "[REDACTED]"}},
                    "exception": {"values": [{"type": "PaymentError::Declined", "value": "declined", "stacktrace": {"frames": [
                        {"module": "shop", "function": "charge", "filename": "src/payment.rs", "lineno": 42, "vars": {"amount": 3500}}]}}]},
                }),
            ),
            (
                "client_report",
                json!({"discarded_events": [{"reason": "queue_overflow", "category": "error", "quantity": 3}]}),
            ),
        ],
    );
    let Some(document) = document(&receiver) else { return };
    for told in [
        "POST /appointments",
        "charge_payment",
        "failed_precondition",
        "200 ms",
        "PaymentError::Declined",
        "shop::charge",
        "src/payment.rs:42",
        "<dd class=\"redacted\">[REDACTED]</dd>",
        "queue_overflow",
    ] {
        assert!(count(&document, told) > 0, "{told}: {document}");
    }
    assert!(document.contains("left: 25%; width: 25%;"), "the span's place in its trace: {document}");
    assert!(document.contains("data-state=\"live\""), "{document}");
}

#[test]
fn before_anything_comes_the_page_says_how_to_begin() {
    let receiver = page::receiver(0).unwrap();
    let Some(document) = document(&receiver) else { return };
    assert!(count(&document, &receiver.dsn()) == 1, "{document}");
    assert_eq!(count(&document, "<section"), 0, "{document}");
}
