//! The table of a server's answers: what is delivered, what is dropped and why, and that nobody waits for long.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use watchpost::FlushReport;
use watchpost::Guard;
use watchpost::delivery::{Delivery, Hooks, Settings};
use watchpost_tests::server::{Mode, Server};

use super::{LONG, capture, client, nothing, options, send, transaction};

/// No flush and no drop may take longer here, with limits of a fifth of a second.
const BOUND: Duration = Duration::from_secs(5);
const LIMIT: Duration = Duration::from_millis(200);

fn dropped(report: &FlushReport) -> Value {
    serde_json::to_value(&report.dropped).unwrap()
}

/// Three events to a server that answers like this; what the flush says, with its limit.
fn three_events(mode: Mode, limit: Duration) -> (FlushReport, usize) {
    let server = Server::start();
    server.answer([mode]);
    let guard = Guard::bind(options(&server.dsn()).shutdown_timeout(LIMIT), Delivery::new(Settings::default()));
    (0..3).for_each(|n| capture(&format!("event {n}")));
    let began = Instant::now();
    let report = guard.flush(limit);
    if limit == LIMIT {
        assert!(began.elapsed() < BOUND, "flush took {:?}", began.elapsed());
    }
    let began = Instant::now();
    drop(guard);
    assert!(began.elapsed() < BOUND, "drop took {:?}", began.elapsed());
    (report, server.items("event").len())
}

#[test]
fn the_table() {
    let whole = "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{\"id\":";
    for (name, mode, delivered, lost, requests) in [
        ("200", Mode::ok(), 3, json!({}), 3),
        ("slow", Mode::Slow(Duration::from_millis(50)), 3, json!({}), 3),
        ("500", Mode::Status(500, vec![]), 0, json!({"server_error": 3}), 3),
        ("413", Mode::Status(413, vec![]), 0, json!({"too_large": 3}), 3),
        ("403", Mode::Status(403, vec![]), 0, json!({"refused": 3}), 3),
        ("redirect", Mode::Status(302, vec![("Location", "/elsewhere")]), 0, json!({"refused": 3}), 3),
        ("429", Mode::Status(429, vec![]), 0, json!({"rate_limited": 3}), 1),
        ("429, retry after", Mode::Status(429, vec![("Retry-After", "60")]), 0, json!({"rate_limited": 3}), 1),
        ("429, long over", Mode::Status(429, vec![("Retry-After", "0")]), 0, json!({"rate_limited": 3}), 3),
        (
            "429, errors",
            Mode::Status(429, vec![("X-Sentry-Rate-Limits", "60:error:organization")]),
            0,
            json!({"rate_limited": 3}),
            1,
        ),
        (
            "429, others",
            Mode::Status(429, vec![("X-Sentry-Rate-Limits", "60:transaction;span:organization")]),
            0,
            json!({"rate_limited": 3}),
            3,
        ),
        (
            "200, enough",
            Mode::Status(200, vec![("X-Sentry-Rate-Limits", "60::organization")]),
            1,
            json!({"rate_limited": 2}),
            1,
        ),
        ("close", Mode::Close, 0, json!({"no_answer": 3}), 3),
        ("reset", Mode::Reset, 0, json!({"no_answer": 3}), 0),
        ("garbage", Mode::Bytes("\u{0}this is not HTTP\r\n\r\n"), 0, json!({"no_answer": 3}), 3),
        ("half a head", Mode::Bytes("HTTP/1.1 200 OK\r\nContent-Le"), 0, json!({"no_answer": 3}), 3),
        ("half a body", Mode::Bytes(whole), 3, json!({}), 3),
    ] {
        let (report, seen) = three_events(mode, LONG);
        assert_eq!(
            (report.delivered, report.pending, dropped(&report), seen),
            (delivered, 0, lost, requests),
            "{name}"
        );
    }
}

#[test]
fn a_server_that_hangs_holds_nobody_up() {
    let (report, _) = three_events(Mode::Hang, LIMIT);
    assert_eq!((report.delivered, report.pending, report.dropped_total()), (0, 3, 0));
}

#[test]
fn a_server_that_is_not_there_is_told_from_one_that_does_not_answer() {
    let guard = Guard::bind(options(&Server::refusing()), Delivery::new(Settings::default()));
    capture("one");
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, report.pending, dropped(&report)), (0, 0, json!({"network": 1})));
}

#[test]
fn what_is_given_up_at_the_end_is_counted() {
    let server = Server::start();
    server.answer([Mode::Hang]);
    let delivery = Delivery::new(Settings::default());
    let guard = Guard::bind(options(&server.dsn()).shutdown_timeout(LIMIT), delivery.clone());
    (0..4).for_each(|n| capture(&format!("event {n}")));
    drop(guard);
    let stats = serde_json::to_value(delivery.stats()).unwrap();
    assert_eq!(stats["dropped"], json!({"shutdown": {"event": 4}}));
    assert_eq!((stats["accepted"]["event"].as_u64(), &stats["pending"]), (Some(4), &json!({})));
}

#[test]
fn a_client_that_the_sdk_shuts_down_is_held_up_no_longer() {
    let server = Server::start();
    server.answer([Mode::Hang]);
    let delivery = Delivery::new(Settings::default());
    let client = sentry_core::Client::from(delivery.install(options(&server.dsn())));
    client.capture_event(sentry_core::protocol::Event::default(), None);
    let began = Instant::now();
    assert!(!client.close(Some(LIMIT)));
    drop(client);
    assert!(began.elapsed() < BOUND, "took {:?}", began.elapsed());
}

#[test]
fn limits_hold_by_kind_and_the_next_envelope_tells_what_they_cost() {
    let server = Server::start();
    server.answer([Mode::Status(200, vec![("X-Sentry-Rate-Limits", "60:transaction:organization")]), Mode::ok()]);
    let guard = client(&server, Settings::default());
    capture("one");
    guard.flush(LONG);
    send(transaction("limited", nothing()));
    guard.flush(LONG);
    capture("two");
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, dropped(&report)), (2, json!({"rate_limited": 1})));
    assert_eq!((server.items("event").len(), server.items("transaction").len()), (2, 0));
    let reports: Vec<_> = server.items("client_report").into_iter().map(|r| r["discarded_events"].clone()).collect();
    let expected = json!([
        {"category": "transaction", "reason": "ratelimit_backoff", "quantity": 1},
        {"category": "span", "reason": "ratelimit_backoff", "quantity": 2},
    ]);
    assert_eq!(reports, [expected]);
}

#[test]
fn losses_wait_for_an_envelope_that_arrives() {
    let server = Server::start();
    server.answer([Mode::Status(500, vec![]), Mode::Status(500, vec![]), Mode::ok()]);
    let guard = client(&server, Settings::default());
    capture("lost");
    // The flush itself sends the report of the loss, and loses it again.
    guard.flush(LONG);
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, dropped(&report)), (0, json!({"server_error": 1})));
    let last = server.requests().pop().unwrap();
    assert_eq!(
        last.items[0].payload["discarded_events"],
        json!([{"category": "error", "reason": "send_error", "quantity": 1}])
    );
}

#[test]
fn a_burst_arrives_whole_or_is_counted() {
    let server = Server::start();
    let guard = client(&server, Settings::default());
    (0..5000).for_each(|n| capture(&format!("event {n}")));
    let report = guard.flush(LONG);
    assert_eq!(report.pending, 0);
    assert_eq!(report.delivered + report.dropped_total(), 5000);
    assert_eq!(server.items("event").len() as u64, report.delivered);
    assert!(report.delivered >= 1000, "{report}");
    let reports = server.items("client_report");
    let told: u64 = reports
        .iter()
        .flat_map(|r| r["discarded_events"].as_array().unwrap())
        .filter_map(|d| d["quantity"].as_u64())
        .sum();
    assert_eq!(told, report.dropped_total());
}

#[test]
fn errors_find_room_where_transactions_wait() {
    let server = Server::start();
    server.answer([Mode::Slow(Duration::from_millis(300)), Mode::ok()]);
    let settings = Settings { capacity: const { std::num::NonZeroUsize::new(5).unwrap() }, ..Settings::default() };
    let guard = client(&server, settings);
    capture("first");
    assert!(server.wait_for(1));
    (0..5).for_each(|n| send(transaction(&format!("t{n}"), nothing())));
    (0..3).for_each(|n| capture(&format!("e{n}")));
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, dropped(&report)), (6, json!({"queue_overflow": 3})));
    let kinds: Vec<_> = server.requests().iter().map(|r| r.items[0].header["type"].clone()).collect();
    assert_eq!(kinds, ["event", "event", "event", "event", "transaction", "transaction", "client_report"]);
}

#[test]
fn flush_ends_for_what_was_captured_before_it_while_others_go_on() {
    let server = Server::start();
    server.answer([Mode::Slow(Duration::from_millis(5))]);
    let guard = client(&server, Settings::default());
    let hub = sentry_core::Hub::current();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let theirs = std::sync::Arc::clone(&stop);
    let busy = std::thread::spawn(move || {
        while !theirs.load(std::sync::atomic::Ordering::Relaxed) {
            hub.capture_message("more", sentry_core::Level::Error);
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    capture("mine");
    let began = Instant::now();
    let report = guard.flush(LONG);
    assert!(report.delivered > 0 && began.elapsed() < LONG / 2);
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    busy.join().unwrap();
}

#[test]
fn a_copy_goes_to_spotlight_and_its_absence_changes_nothing() {
    let (server, spotlight) = (Server::start(), Server::start());
    let guard = client(&server, Settings { spotlight: Some(spotlight.url()), ..Settings::default() });
    capture("both");
    assert_eq!(guard.flush(LONG).delivered, 1);
    let (real, copy) = (server.requests().remove(0), spotlight.requests().remove(0));
    assert_eq!(real.body, copy.body);
    assert!(copy.headers.contains(&("content-type".into(), "application/x-sentry-envelope".into())));
    assert!(!copy.headers.iter().any(|(name, _)| name == "x-sentry-auth"));

    let guard =
        client(&server, Settings { spotlight: Some("http://127.0.0.1:9/stream".into()), ..Settings::default() });
    capture("alone");
    let report = guard.flush(LONG);
    assert!(report.is_complete(), "{report}");
    spotlight.answer([Mode::Hang]);
    let guard = client(&server, Settings { spotlight: Some(spotlight.url()), ..Settings::default() });
    capture("hanging copy");
    let began = Instant::now();
    assert!(guard.flush(LONG).is_complete());
    assert!(began.elapsed() < BOUND);
}

#[test]
fn limited_items_are_copied_all_the_same() {
    let (server, spotlight) = (Server::start(), Server::start());
    server.answer([Mode::Status(429, vec![])]);
    let guard = client(&server, Settings { spotlight: Some(spotlight.url()), ..Settings::default() });
    capture("one");
    capture("two");
    assert_eq!(guard.flush(LONG).delivered, 0);
    assert_eq!((server.items("event").len(), spotlight.items("event").len()), (1, 2));
}

#[test]
fn stats_are_those_of_the_current_client() {
    let server = Server::start();
    assert_eq!(watchpost::delivery::stats(), None);
    let guard = client(&server, Settings { hooks: Hooks::default(), ..Settings::default() });
    capture("one");
    guard.flush(LONG);
    let stats = watchpost::delivery::stats().unwrap();
    assert_eq!((stats.accepted.total(), stats.delivered.total()), (1, 1));
}
