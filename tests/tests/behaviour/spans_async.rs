//! Spans of futures: however they are polled, moved, joined, dropped.

use std::future::Future;
use std::task::Poll;
use std::time::Duration;

use sentry_core::ClientOptions;
use sentry_core::protocol::{Context, Event, SpanStatus};
use watchpost::testing::{Captured, capture_async, capture_async_with};
use watchpost::{InCurrentSpan as _, Instrumentation, monitor_performance, monitored_task, span};

/// Waits for `turns` polls.
async fn yields(turns: u32) {
    let mut left = turns;
    std::future::poll_fn(|waking| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        waking.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn run(future: impl Future<Output = ()>) -> Captured {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(capture_async(future))
}

fn run_on_threads(future: impl Future<Output = ()>) -> Captured {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap()
        .block_on(capture_async(future))
}

#[monitor_performance]
async fn outer() {
    leaf(0).await;
    leaf(2).await;
    sync();
}
#[monitor_performance]
async fn leaf(turns: u32) {
    yields(turns).await;
    sync();
}
#[monitor_performance]
fn sync() {}

#[test]
fn futures_become_a_tree() {
    let sent = run(outer());
    assert_eq!(sent.transactions.len(), 1);
    assert_eq!(sent.tree(), "outer\n  leaf\n    sync\n  leaf\n    sync\n  sync\n");
    assert!(sent.spans.iter().all(|span| span.status == Some(SpanStatus::Ok)));
    let polls: Vec<_> = sent.spans_named("leaf").map(|span| span.data["async.polls"].as_u64().unwrap()).collect();
    assert_eq!(polls, [1, 3]);
    for leaf in sent.spans_named("leaf") {
        let (busy, longest) = (&leaf.data["async.busy_ms"], &leaf.data["async.longest_poll_ms"]);
        assert!(busy.as_f64() >= longest.as_f64() && longest.as_f64() > Some(0.0));
    }
}

#[monitor_performance]
async fn joins() {
    tokio::join!(leaf(3), leaf(1), leaf(2));
}

#[test]
fn joined_futures_are_siblings() {
    let sent = run(joins());
    assert_eq!(sent.tree(), "joins\n  leaf\n    sync\n  leaf\n    sync\n  leaf\n    sync\n");
}

#[monitor_performance]
async fn selects() {
    tokio::select! {
        biased;
        () = never_ready() => {}
        () = leaf(1) => {}
    }
    sync();
}
#[monitor_performance]
async fn never_ready() {
    let _guard = SpanWhenDropped;
    std::future::pending::<()>().await;
}
struct SpanWhenDropped;
impl Drop for SpanWhenDropped {
    fn drop(&mut self) {
        sync();
    }
}

#[test]
fn a_future_that_is_dropped_is_cancelled_and_its_values_are_dropped_within() {
    let sent = run(selects());
    assert_eq!(sent.tree(), "selects\n  leaf\n    sync\n  never_ready\n    sync\n  sync\n");
    assert_eq!(sent.span("never_ready").unwrap().status, Some(SpanStatus::Cancelled));
    assert_eq!(sent.span("selects").unwrap().status, Some(SpanStatus::Ok));
}

#[test]
fn a_root_that_is_dropped_is_cancelled() {
    let sent = run(async {
        let _ = tokio::time::timeout(Duration::from_millis(5), never_ready()).await;
    });
    assert_eq!(sent.tree(), "never_ready\n  sync\n");
    assert_eq!(sent.span("never_ready").unwrap().status, Some(SpanStatus::Cancelled));
}

#[test]
fn a_future_that_is_never_polled_leaves_nothing() {
    let sent = run(async {
        drop(leaf(0));
        let _never = Box::pin(outer());
    });
    assert!(sent.envelopes.is_empty());
}

#[monitor_performance]
async fn panics() {
    yields(1).await;
    panic!("on purpose");
}
#[monitor_performance]
async fn spawns_a_panic() {
    let _ = tokio::spawn(panics().in_current_span()).await;
    sync();
}

#[test]
fn a_panic_between_two_awaits_is_an_internal_error() {
    let sent = run(spawns_a_panic());
    assert_eq!(sent.tree(), "spawns_a_panic\n  panics\n  sync\n");
    assert_eq!(sent.span("panics").unwrap().status, Some(SpanStatus::InternalError));
    assert_eq!(sent.span("spawns_a_panic").unwrap().status, Some(SpanStatus::Ok));
}

#[monitor_performance]
async fn spawns() {
    let carried = tokio::spawn(leaf(5).in_current_span());
    let (a, b) = tokio::join!(
        carried,
        tokio::task::spawn_blocking({
            use watchpost::InCurrentSpanFn as _;
            (|| span("x", "blocking").run(sync)).in_current_span()
        })
    );
    a.unwrap();
    b.unwrap();
}

#[test]
fn spawned_work_is_below_the_span_that_was_carried_over() {
    for _ in 0..50 {
        let sent = run_on_threads(spawns());
        assert_eq!(sent.tree(), "spawns\n  blocking\n    sync\n  leaf\n    sync\n");
        assert_eq!(sent.transactions.len(), 1);
    }
}

#[monitor_performance]
async fn leaves_work_behind() -> tokio::task::JoinHandle<()> {
    let left = tokio::spawn(outlives().in_current_span());
    yields(3).await;
    left
}
#[monitor_performance]
async fn outlives() {
    leaf(0).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    leaf(1).await;
}

#[test]
fn a_span_that_outlives_its_root_is_a_transaction_of_its_own() {
    let sent = run(async {
        let left = leaves_work_behind().await;
        left.await.unwrap();
    });
    assert_eq!(sent.tree(), "leaves_work_behind\n  outlives\n    leaf\n      sync\n    leaf\n      sync\n");
    assert_eq!(sent.transactions.len(), 2);
    let outlives = sent.span("outlives").unwrap();
    assert!(outlives.is_root);
    assert_eq!(outlives.trace, sent.span("leaves_work_behind").unwrap().trace);
    assert!(outlives.end.unwrap() - Duration::from_millis(15) > outlives.start);
    assert_eq!(sent.transactions[1].spans.len(), 4);
}

#[monitor_performance]
async fn tagged(n: u32) {
    sentry_core::configure_scope(|scope| scope.set_tag(&format!("n{n}"), n));
    yields(3).await;
    sentry_core::capture_message(&format!("{n}"), sentry_core::Level::Info);
}
#[monitored_task]
async fn task(n: u32) {
    tagged(n).await;
}

#[test]
fn each_root_has_a_scope_of_its_own() {
    let sent = run(async {
        tokio::join!(tagged(1), tagged(2));
        tokio::join!(task(1), task(2));
    });
    fn numbers(tags: &sentry_core::protocol::Map<String, String>) -> Vec<&str> {
        tags.iter().filter(|(key, _)| key.starts_with('n')).map(|(_, value)| value.as_str()).collect()
    }
    assert_eq!(sent.events.len(), 4);
    for event in &sent.events {
        assert_eq!(numbers(&event.tags), [event.message.as_deref().unwrap()]);
        assert_eq!(sent.span_of(event).unwrap().name, "tagged");
    }
    for transaction in &sent.transactions {
        assert_eq!(numbers(&transaction.tags).len(), 1, "{:?}", transaction.tags);
    }
}

#[test]
fn a_future_may_move_between_threads() {
    let sent = run_on_threads(async {
        // Each poll on another thread.
        let mut future = Box::pin(outer());
        loop {
            let (back, ready) = std::thread::spawn({
                let hub = sentry_core::Hub::current();
                move || {
                    sentry_core::Hub::run(hub, || {
                        let waker = std::task::Waker::noop();
                        let ready = future.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_ready();
                        (future, ready)
                    })
                }
            })
            .join()
            .unwrap();
            future = back;
            if ready {
                break;
            }
        }
    });
    assert_eq!(sent.tree(), "outer\n  leaf\n    sync\n  leaf\n    sync\n  sync\n");
}

#[cfg_attr(feature = "off", expect(clippy::manual_async_fn, reason = "the shape is what is tested"))]
#[monitor_performance]
fn returns_a_future() -> impl Future<Output = u32> {
    async {
        sync();
        7
    }
}

#[test]
fn functions_that_return_futures_are_watched_where_they_are_polled() {
    let sent = run(async {
        assert_eq!(returns_a_future().await, 7);
    });
    assert_eq!(sent.tree(), "returns_a_future\n  sync\n");
}

/// Every trace is recorded, and polls of 20 ms are too long.
fn watched() -> ClientOptions {
    let engine = Instrumentation::new().blocked_after(Some(Duration::from_millis(20)));
    ClientOptions::new().traces_sample_rate(1.0).add_integration(engine)
}

fn run_watched(options: ClientOptions, future: impl Future<Output = ()>) -> Captured {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(capture_async_with(options, future))
}

/// The message and the function of each event about a poll.
fn blocked(sent: &Captured) -> Vec<(String, String)> {
    let function = |event: &Event<'_>| match &event.contexts["blocked_executor"] {
        Context::Other(poll) => {
            assert!(poll["poll_ms"].as_f64().unwrap() >= poll["threshold_ms"].as_f64().unwrap());
            poll["function"].as_str().unwrap().to_owned()
        }
        other => panic!("{other:?}"),
    };
    sent.events.iter().map(|event| (event.message.clone().unwrap(), function(event))).collect()
}

macro_rules! hogs {
    ($outer:ident, $inner:ident) => {
        #[monitor_performance]
        async fn $outer() {
            yields(1).await;
            $inner().await;
        }
        #[monitor_performance]
        async fn $inner() {
            yields(2).await;
            std::thread::sleep(Duration::from_millis(30));
        }
    };
}

#[test]
fn a_poll_that_takes_too_long_is_told_of_the_innermost_function() {
    hogs!(calls_hog, hog);
    let sent = run_watched(watched(), async {
        calls_hog().await;
        calls_hog().await;
    });
    let told = ("hog blocked the executor".to_owned(), concat!(module_path!(), "::hog").to_owned());
    // Once a minute.
    assert_eq!(blocked(&sent), [told]);
    assert_eq!(sent.span_of(&sent.events[0]).unwrap().name, "hog");
    let hog = sent.span("hog").unwrap();
    let millis = |key: &str| hog.data[key].as_f64().unwrap();
    assert_eq!(hog.data["async.polls"], 3);
    assert!(millis("async.longest_poll_ms") >= 30.0 && millis("async.busy_ms") >= millis("async.longest_poll_ms"));
}

#[test]
fn the_only_poll_of_a_future_may_be_too_long_too() {
    #[monitor_performance]
    async fn hog_at_once() {
        std::thread::sleep(Duration::from_millis(30));
    }
    #[monitor_performance]
    async fn calls_hog_at_once() {
        hog_at_once().await;
    }
    let sent = run_watched(watched(), calls_hog_at_once());
    assert_eq!(blocked(&sent).len(), 1);
    assert_eq!(sent.span("hog_at_once").unwrap().data["async.polls"], 1);
}

#[test]
fn where_it_is_not_wanted_no_poll_is_told() {
    hogs!(calls_quiet_hog, quiet_hog);
    let traced = || ClientOptions::new().traces_sample_rate(1.0);
    let off = traced().add_integration(Instrumentation::new().blocked_after(None));
    let in_production = traced().environment("production").add_integration(Instrumentation::new());
    for options in [off, in_production, watched().traces_sample_rate(0.0)] {
        let sent = run_watched(options, calls_quiet_hog());
        assert!(sent.events.is_empty(), "{:?}", sent.events);
    }
}
