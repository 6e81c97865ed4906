//! What a trace that is not sampled still tells: the times of its calls, on events of errors and of slow calls.

use std::time::Duration;

use sentry_core::protocol::{Context, Event, Value};
use sentry_core::{ClientOptions, Hub, TransactionContext};
use watchpost::testing::{Captured, capture_async_with, capture_with, options};
use watchpost::{InCurrentSpan as _, InCurrentSpanFn as _, Instrumentation, capture_errors, monitor_performance};

/// Every trace is there, and none is sampled.
fn unsampled() -> ClientOptions {
    options().traces_sample_rate(0.0)
}

fn capture(f: impl FnOnce()) -> Captured {
    capture_with(unsampled(), f)
}

fn run(future: impl Future<Output = ()>) -> Captured {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    runtime.block_on(capture_async_with(unsampled(), future))
}

/// One line of the context: level, name and outcome.
type Line = (u64, String, String);

fn timings<'a>(event: &'a Event<'_>) -> Option<&'a sentry_core::protocol::Map<String, Value>> {
    match event.contexts.get("timings") {
        Some(Context::Other(timings)) => Some(timings),
        _ => None,
    }
}

fn calls(event: &Event<'_>) -> Vec<Value> {
    timings(event).map(|timings| timings["calls"].as_array().unwrap().clone()).unwrap_or_default()
}

fn lines(event: &Event<'_>) -> Vec<Line> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    calls(event)
        .iter()
        .map(|call| (call["level"].as_u64().unwrap(), text(&call["name"]), text(&call["outcome"])))
        .collect()
}

fn expected<const N: usize>(lines: [(u64, &str, &str); N]) -> Vec<Line> {
    lines.into_iter().map(|(level, name, outcome)| (level, name.to_owned(), outcome.to_owned())).collect()
}

#[monitor_performance]
fn booking(well: bool) -> Result<(), String> {
    look_up();
    watchpost::span("db.query", "SELECT barbers").run(|| std::thread::sleep(Duration::from_millis(5)));
    drop(declines());
    charge(well)
}
#[monitor_performance(op = "cache.get")]
fn look_up() {}
#[monitor_performance]
fn declines() -> Result<(), String> {
    Err("no".to_owned())
}
#[capture_errors(category = "payment")]
#[monitor_performance]
fn charge(well: bool) -> Result<(), String> {
    look_up();
    if well { Ok(()) } else { Err("refused".to_owned()) }
}

#[test]
fn an_error_carries_the_times_of_the_calls_on_its_path() {
    let sent = capture(|| drop(booking(false)));
    assert!(sent.transactions.is_empty());
    let [event] = sent.events.as_slice() else { panic!("{:?}", sent.events) };
    let lines = lines(event);
    let told = expected([
        (0, "booking", "open"),
        (1, "look_up", "ok"),
        (1, "SELECT barbers", "ok"),
        (1, "declines", "internal_error"),
        (1, "charge", "open"),
        (2, "look_up", "ok"),
    ]);
    assert_eq!(lines, told);
    let calls = calls(event);
    let millis = |at: usize, key: &str| calls[at][key].as_f64().unwrap();
    assert_eq!(millis(0, "start_ms"), 0.0);
    assert!(millis(2, "duration_ms") >= 5.0);
    assert!(millis(3, "start_ms") >= millis(2, "start_ms") + millis(2, "duration_ms") - 0.002, "{calls:?}");
    assert!(millis(0, "duration_ms") >= millis(4, "start_ms") + millis(4, "duration_ms") - 0.002, "{calls:?}");
    assert_eq!((calls[1]["op"].as_str(), calls[2]["op"].as_str()), (Some("cache.get"), Some("db.query")));
    let started = timings(event).unwrap()["started"].as_str().unwrap();
    assert!(started.ends_with('Z') && started.starts_with("20"), "{started}");
    assert!(timings(event).unwrap().get("not_shown").is_none());
}

#[test]
fn what_goes_well_leaves_nothing() {
    let sent = capture(|| drop(booking(true)));
    assert!(sent.envelopes.is_empty(), "{:?}", sent.envelopes);
}

#[monitor_performance(slow = "5ms")]
fn slow() {
    watchpost::span("db.query", "SELECT dawdlers").run(|| std::thread::sleep(Duration::from_millis(6)));
}

#[test]
fn a_slow_call_tells_what_took_so_long() {
    let sent = capture(slow);
    let [event] = sent.events.as_slice() else { panic!("{:?}", sent.events) };
    assert_eq!(lines(event), expected([(0, "slow", "open"), (1, "SELECT dawdlers", "ok")]));
}

#[test]
fn a_trace_that_is_sampled_says_it_by_its_spans() {
    let sent = capture_with(options(), || drop(booking(false)));
    assert_eq!((sent.transactions.len(), timings(&sent.events[0])), (1, None));
}

#[test]
fn where_tracing_is_off_no_times_are_kept() {
    let errors_only = ClientOptions::new().add_integration(Instrumentation::new());
    let sent = capture_with(errors_only, || drop(booking(false)));
    assert_eq!((sent.events.len(), timings(&sent.events[0])), (1, None));
}

#[test]
fn it_can_be_switched_off() {
    let off = ClientOptions::new().traces_sample_rate(0.0);
    let off = off.add_integration(Instrumentation::new().unsampled_timings(false));
    let sent = capture_with(off, || drop(booking(false)));
    assert_eq!((sent.events.len(), timings(&sent.events[0])), (1, None));
}

#[test]
fn what_anyone_reports_has_them_and_a_plain_message_has_not() {
    #[monitor_performance]
    fn reports() {
        look_up();
        sentry_core::capture_message("by the way", sentry_core::Level::Info);
        sentry_core::capture_error(&std::fmt::Error);
    }
    let sent = capture(reports);
    let told: Vec<_> = sent.events.iter().map(|event| lines(event)).collect();
    assert_eq!(told, [vec![], expected([(0, "reports", "open"), (1, "look_up", "ok")])]);
}

#[test]
fn one_root_tells_nothing_of_another() {
    let sent = capture(|| {
        drop(booking(true));
        drop(charge(false));
    });
    assert_eq!(lines(&sent.events[0]), expected([(0, "charge", "open"), (1, "look_up", "ok")]));
}

#[test]
fn a_panic_that_is_caught_is_an_outcome() {
    #[monitor_performance]
    fn panics() {
        std::panic::resume_unwind(Box::new("on purpose"));
    }
    #[capture_errors]
    #[monitor_performance]
    fn catches() -> Result<(), String> {
        std::panic::catch_unwind(panics).map_err(|_| "it panicked".to_owned())
    }
    let sent = capture(|| drop(catches()));
    assert_eq!(lines(&sent.events[0]), expected([(0, "catches", "open"), (1, "panics", "internal_error")]));
}

#[test]
fn only_the_last_calls_and_a_few_open_ones_are_told() {
    #[monitor_performance]
    fn many() -> Result<(), String> {
        for _ in 0..100 {
            look_up();
        }
        deep(60)
    }
    #[capture_errors]
    #[monitor_performance]
    fn deep(left: u32) -> Result<(), String> {
        if left == 0 { Err("deep down".to_owned()) } else { deep(left - 1) }
    }
    let sent = capture(|| drop(many()));
    let event = &sent.events[0];
    let lines = lines(event);
    let count = |name: &str| lines.iter().filter(|line| line.1 == name).count();
    assert_eq!((count("many"), count("look_up"), count("deep")), (1, 32, 31));
    // 100 + 62 calls, of which 64 are told.
    assert_eq!(timings(event).unwrap()["not_shown"].as_u64(), Some(98));
    let levels: Vec<u64> = lines.iter().filter(|line| line.1 == "deep").map(|line| line.0).collect();
    assert_eq!((levels[0], levels[6], levels[7], levels[30]), (1, 7, 38, 61));
}

#[monitor_performance]
async fn request(well: bool) -> Result<(), String> {
    tokio::time::sleep(Duration::from_millis(2)).await;
    let query = watchpost::span("db.query", "SELECT slots").instrument(tokio::time::sleep(Duration::from_millis(3)));
    tokio::join!(query, waits(1));
    pay(well).await
}
#[monitor_performance]
async fn waits(turns: u32) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}
#[capture_errors]
#[monitor_performance]
async fn pay(well: bool) -> Result<(), String> {
    waits(3).await;
    if well { Ok(()) } else { Err("refused".to_owned()) }
}

#[test]
fn futures_are_told_as_calls_are() {
    let sent = run(async { drop(request(false).await) });
    let told = expected([
        (0, "request", "open"),
        (1, "SELECT slots", "ok"),
        (1, "waits", "ok"),
        (1, "pay", "open"),
        (2, "waits", "ok"),
    ]);
    assert_eq!(lines(&sent.events[0]), told);
    let calls = calls(&sent.events[0]);
    assert!(calls[1]["start_ms"].as_f64().unwrap() >= 2.0, "{calls:?}");
    assert!(calls[1]["duration_ms"].as_f64().unwrap() >= 3.0, "{calls:?}");
}

#[test]
fn a_root_that_moves_between_threads_takes_its_notes_along() {
    let mut future = Box::pin(capture_async_with(unsampled(), async { drop(request_that_yields().await) }));
    let sent = loop {
        let polled = std::thread::scope(|threads| {
            let poll = || future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
            threads.spawn(poll).join().unwrap()
        });
        if let std::task::Poll::Ready(sent) = polled {
            break sent;
        }
    };
    let told = expected([
        (0, "request_that_yields", "open"),
        (1, "waits", "ok"),
        (1, "look_up", "ok"),
        (1, "pay", "open"),
        (2, "waits", "ok"),
    ]);
    assert_eq!(lines(&sent.events[0]), told);
}
#[monitor_performance]
async fn request_that_yields() -> Result<(), String> {
    waits(3).await;
    look_up();
    pay(false).await
}

#[test]
fn a_future_that_is_dropped_was_cancelled() {
    #[capture_errors]
    #[monitor_performance]
    async fn gives_up() -> Result<(), String> {
        tokio::select! {
            biased;
            () = waits(1000) => Ok(()),
            () = waits(2) => Err("too slow".to_owned()),
        }
    }
    let sent = run(async { drop(gives_up().await) });
    let told = lines(&sent.events[0]);
    assert_eq!(told[0], (0, "gives_up".to_owned(), "open".to_owned()));
    let mut outcomes: Vec<&str> = told[1..].iter().map(|line| line.2.as_str()).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["cancelled", "ok"]);
}

#[test]
fn work_that_was_carried_elsewhere_is_told_too() {
    #[capture_errors]
    #[monitor_performance]
    async fn spawns() -> Result<(), String> {
        tokio::spawn(waits(2).in_current_span()).await.unwrap();
        tokio::task::spawn_blocking((|| look_up()).in_current_span()).await.unwrap();
        Err("refused".to_owned())
    }
    let sent = run(async { drop(spawns().await) });
    let mut told = lines(&sent.events[0]);
    told.sort();
    assert_eq!(told, expected([(0, "look_up", "ok"), (0, "spawns", "open"), (0, "waits", "ok")]));
}

/// A transaction of somebody else that is not sampled.
fn theirs(inside: impl FnOnce()) {
    let hub = Hub::current();
    let transaction = sentry_core::start_transaction(TransactionContext::new("theirs", "hand"));
    hub.configure_scope(|scope| scope.set_span(Some(transaction.clone().into())));
    inside();
    hub.configure_scope(|scope| scope.set_span(None));
    transaction.finish();
}

#[test]
fn below_somebody_else_who_is_not_sampled() {
    let sent = capture(|| {
        theirs(|| {
            drop(booking(true));
            drop(booking(false));
        });
        sentry_core::capture_error(&std::fmt::Error);
    });
    let [ours, outside] = sent.events.as_slice() else { panic!("{:?}", sent.events) };
    assert_eq!(lines(ours).len(), 6);
    assert_eq!(timings(outside), None);
}

#[test]
fn a_future_below_somebody_else_who_is_not_sampled() {
    #[capture_errors(tags(table = "barbers"))]
    #[monitor_performance]
    async fn outer() -> Result<(), String> {
        waits(1).await;
        inner().await
    }
    #[capture_errors(tags(row = "17"))]
    #[monitor_performance]
    async fn inner() -> Result<(), String> {
        waits(1).await;
        Err("gone".to_owned())
    }
    let sent = capture(|| {
        theirs(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            drop(runtime.block_on(outer()));
        });
    });
    let [event] = sent.events.as_slice() else { panic!("{:?}", sent.events) };
    assert_eq!(event.tags.get("table").map(String::as_str), Some("barbers"), "{:?}", event.tags);
    let told = expected([(0, "outer", "open"), (1, "waits", "ok"), (1, "inner", "open"), (2, "waits", "ok")]);
    assert_eq!(lines(event), told);
}
