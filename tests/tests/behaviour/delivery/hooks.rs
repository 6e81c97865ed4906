//! The program's hooks: asked for every kind, and unable to hurt.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use sentry_core::protocol::{EnvelopeItem, Event, Log, LogLevel, Metric, MonitorCheckIn, MonitorCheckInStatus};
use serde_json::json;
use watchpost::delivery::{Hooks, Settings};
use watchpost_tests::server::Server;

use super::{LONG, capture, client, nothing, send, transaction};

fn check_in(slug: &str) -> EnvelopeItem {
    EnvelopeItem::MonitorCheckIn(MonitorCheckIn {
        check_in_id: sentry_core::types::Uuid::from_u128(7),
        monitor_slug: slug.into(),
        status: MonitorCheckInStatus::Ok,
        environment: None,
        duration: None,
        monitor_config: None,
    })
}

fn log(body: &str) -> Log {
    Log {
        level: LogLevel::Info,
        body: body.into(),
        trace_id: None,
        timestamp: std::time::SystemTime::now(),
        severity_number: None,
        attributes: Default::default(),
    }
}

fn metric(name: &str) -> Metric {
    serde_json::from_value(
        json!({"type": "counter", "name": name, "value": 1.0, "timestamp": 1.0, "trace_id": "1".repeat(32)}),
    )
    .expect("a metric")
}

fn one_of_each(word: &str) {
    capture(word);
    send(transaction(word, nothing()));
    send(check_in(word));
    send(EnvelopeItem::from(vec![log(word), log("other")]));
    send(EnvelopeItem::from(vec![metric(word), metric("other")]));
}

/// Hooks that do this with what is called `word`, of every kind, and let the rest pass.
fn hooks(act: impl Fn() + Send + Sync + Clone + 'static) -> Hooks {
    fn hook<T: 'static>(
        act: impl Fn() + Send + Sync + 'static,
        is_it: fn(&T) -> bool,
    ) -> Option<Arc<dyn Fn(T) -> Option<T> + Send + Sync>> {
        Some(Arc::new(move |item| {
            if !is_it(&item) {
                return Some(item);
            }
            act();
            None
        }))
    }
    Hooks {
        before_send: hook(act.clone(), |event: &Event<'_>| event.message.as_deref() == Some("word")),
        before_send_transaction: hook(act.clone(), |t: &sentry_core::protocol::Transaction<'_>| {
            t.name.as_deref() == Some("word")
        }),
        before_send_check_in: hook(act.clone(), |check_in: &MonitorCheckIn| check_in.monitor_slug == "word"),
        before_send_log: hook(act.clone(), |log: &Log| log.body == "word"),
        before_send_metric: hook(act, |metric: &Metric| metric.name == "word"),
    }
}

#[test]
fn every_kind_is_asked_and_may_be_dropped() {
    let server = Server::start();
    let guard = client(&server, Settings { hooks: hooks(|| ()), ..Settings::default() });
    one_of_each("word");
    one_of_each("kept");
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, serde_json::to_value(&report.dropped).unwrap()), (9, json!({"hook": 5})));
    let stats = serde_json::to_value(watchpost::delivery::stats().unwrap()).unwrap();
    assert_eq!(stats["dropped"]["hook"], json!({"event": 1, "transaction": 1, "check_in": 1, "log": 1, "metric": 1}));
    assert!(!server.bytes().contains("\"word\""));
    assert_eq!(server.items("log")[0]["items"].as_array().unwrap().len(), 1);
    let told = serde_json::to_string(&server.items("client_report")).unwrap();
    assert_eq!(told.matches("before_send").count(), 8, "{told}");
}

#[test]
fn a_hook_that_panics_loses_its_item_and_nothing_else() {
    let server = Server::start();
    let settings = Settings { hooks: hooks(|| panic!("a hook's own fault")), ..Settings::default() };
    let guard = client(&server, settings);
    one_of_each("word");
    one_of_each("kept");
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, serde_json::to_value(&report.dropped).unwrap()), (9, json!({"hook_panic": 5})));
    assert_eq!(watchpost::delivery::stats().unwrap().hook_panics, 5);
    assert!(!server.bytes().contains("\"word\""));
}

#[test]
fn hooks_run_while_the_capturing_thread_panics_and_panic_then_without_harm() {
    struct Captures;
    impl Drop for Captures {
        fn drop(&mut self) {
            assert!(std::thread::panicking());
            capture("word");
            capture("last words");
        }
    }
    let server = Server::start();
    let settings = Settings { hooks: hooks(|| panic!("a hook's own fault")), ..Settings::default() };
    let guard = client(&server, settings);
    let outcome = std::panic::catch_unwind(|| {
        let _captures = Captures;
        panic!("the program's");
    });
    assert!(outcome.is_err());
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, report.dropped_total()), (1, 1));
    assert_eq!(server.items("event")[0]["message"], "last words");
}

#[test]
fn what_a_hook_captures_is_dropped_and_counted() {
    let server = Server::start();
    let calls = Arc::new(AtomicU64::new(0));
    let theirs = Arc::clone(&calls);
    let hub = std::sync::OnceLock::new();
    let hub: Arc<std::sync::OnceLock<Arc<sentry_core::Hub>>> = Arc::new(hub);
    let inside = Arc::clone(&hub);
    let hooks = Hooks {
        before_send: Some(Arc::new(move |event| {
            theirs.fetch_add(1, Relaxed);
            if let Some(hub) = inside.get() {
                hub.capture_message("from a hook", sentry_core::Level::Error);
                // A hook that waits for the delivery waits for itself.
                hub.client()?.flush(Some(LONG));
            }
            Some(event)
        })),
        ..Hooks::default()
    };
    let guard = client(&server, Settings { hooks, ..Settings::default() });
    assert!(hub.set(sentry_core::Hub::current()).is_ok());
    capture("one");
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, serde_json::to_value(&report.dropped).unwrap()), (1, json!({"muted": 1})));
    assert_eq!(calls.load(Relaxed), 1);
}

#[test]
fn a_hook_that_takes_its_time_does_not_hold_the_program_up() {
    let server = Server::start();
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let hooks = Hooks {
        before_send: Some(Arc::new(move |event| {
            let _ = wait.lock().unwrap().recv();
            Some(event)
        })),
        ..Hooks::default()
    };
    let guard = client(&server, Settings { hooks, ..Settings::default() });
    capture("slow");
    let report = guard.flush(std::time::Duration::from_millis(100));
    assert_eq!((report.delivered, report.pending), (0, 1));
    release.send(()).unwrap();
    drop(release);
    assert_eq!(guard.flush(LONG).delivered, 1);
}

#[test]
fn an_observer_sees_what_leaves_typed_and_redacted() {
    let server = Server::start();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let theirs = Arc::clone(&seen);
    let observer: watchpost::delivery::Observer = Arc::new(move |envelope| {
        theirs.lock().unwrap().push(envelope.event().and_then(|event| event.message.clone()));
        panic!("an observer's own fault");
    });
    let guard = client(&server, Settings { observers: vec![observer], ..Settings::default() });
    capture("hello");
    assert_eq!(guard.flush(LONG).delivered, 1);
    assert_eq!(*seen.lock().unwrap(), [Some("hello".to_owned())]);
    assert_eq!(server.items("event")[0]["message"], "hello");
}
