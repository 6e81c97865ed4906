//! Spans of others above, between and below ours; other clients and other hubs.

use std::sync::Arc;

use sentry_core::protocol::SpanStatus;
use sentry_core::{ClientOptions, Hub, SentryFutureExt as _, TransactionContext};
use tracing_subscriber::layer::SubscriberExt as _;
use watchpost::monitor_performance;
use watchpost::testing::{Captured, capture, capture_async, capture_with, options};

#[monitor_performance]
fn outer(inside: impl FnOnce()) {
    middle(inside);
}
#[monitor_performance]
fn middle(inside: impl FnOnce()) {
    inside();
}
#[monitor_performance]
fn inner() {
    sentry_core::capture_message("inside", sentry_core::Level::Info);
}
#[monitor_performance]
async fn asynchronous() {
    tokio::task::yield_now().await;
    inner();
}
#[monitor_performance(scope)]
fn shown(inside: impl FnOnce()) {
    inside();
}

/// A span as sentry's documentation writes it by hand.
fn by_hand(name: &str, inside: impl FnOnce()) {
    let hub = Hub::current();
    let (previous, span): (_, sentry_core::TransactionOrSpan) = hub
        .configure_scope(|scope| {
            let previous = scope.get_span();
            let span = match &previous {
                Some(previous) => previous.start_child("hand", name).into(),
                None => sentry_core::start_transaction(TransactionContext::new(name, "hand")).into(),
            };
            scope.set_span(Some(sentry_core::TransactionOrSpan::clone(&span)));
            Some((previous, span))
        })
        .unwrap();
    inside();
    hub.configure_scope(|scope| scope.set_span(previous));
    span.finish();
}

fn traced(f: impl FnOnce()) -> Captured {
    let subscriber = tracing_subscriber::registry().with(sentry_tracing::SpanLayer::new());
    tracing::subscriber::with_default(subscriber, || capture(f))
}

fn run(future: impl Future<Output = ()>) -> Captured {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(capture_async(future))
}

#[test]
fn below_a_transaction_of_somebody_else() {
    let sent = capture(|| by_hand("theirs", || outer(inner)));
    assert_eq!(sent.tree(), "theirs\n  outer\n    middle\n      inner\n");
    assert_eq!(sent.transactions.len(), 1);
    assert_eq!(sent.span_of(&sent.events[0]).unwrap().name, "inner");
}

#[test]
fn the_scope_has_the_span_back_that_it_had_before() {
    let sent = capture(|| {
        by_hand("theirs", || {
            outer(inner);
            by_hand("after", || {});
        });
        let span = Hub::current().configure_scope(|scope| scope.get_span());
        assert!(span.is_none());
    });
    assert_eq!(sent.parent(sent.span("after").unwrap()).unwrap().name, "theirs");
}

#[test]
fn a_span_of_somebody_else_below_ours_hangs_off_our_root() {
    let sent = capture(|| outer(|| by_hand("theirs", || {})));
    assert_eq!(sent.tree(), "outer\n  middle\n  theirs\n");
    assert_eq!(sent.transactions.len(), 1);
}

#[test]
fn where_scope_is_asked_for_it_hangs_off_the_very_function_and_so_does_what_it_calls() {
    let sent = capture(|| outer(|| shown(|| by_hand("theirs", || shown(inner)))));
    assert_eq!(sent.tree(), "outer\n  middle\n    shown\n      theirs\n        shown\n          inner\n");
    assert_eq!(sent.span_of(&sent.events[0]).unwrap().name, "inner");
    let sent = capture(|| outer(|| shown(|| middle(|| shown(inner)))));
    assert_eq!(sent.tree(), "outer\n  middle\n    shown\n      middle\n        shown\n          inner\n");
}

#[test]
fn below_a_span_of_the_tracing_layer() {
    let sent = traced(|| tracing::info_span!("theirs").in_scope(|| outer(inner)));
    assert_eq!(sent.tree(), "theirs\n  outer\n    middle\n      inner\n");
    assert_eq!(sent.span_of(&sent.events[0]).unwrap().name, "inner");
}

#[test]
fn above_and_below_a_span_of_the_tracing_layer() {
    let sent = traced(|| {
        outer(|| {
            tracing::info_span!("theirs").in_scope(|| {
                middle(inner);
                tracing::info_span!("deeper").in_scope(inner);
            });
            inner();
        });
    });
    let tree = "outer\n  middle\n    inner\n  theirs\n    deeper\n      inner\n    middle\n      inner\n";
    assert_eq!(sent.tree(), tree);
    assert_eq!(sent.transactions.len(), 1);
    let at: Vec<_> = sent.events.iter().map(|event| sent.span_of(event).unwrap().name.as_str()).collect();
    assert_eq!(at, ["inner", "inner", "inner"]);
}

#[test]
fn an_instrumented_future_between_ours() {
    #[monitor_performance]
    async fn calls() {
        use tracing::Instrument as _;
        asynchronous().instrument(tracing::info_span!("theirs")).await;
        asynchronous().await;
    }
    let subscriber = tracing_subscriber::registry().with(sentry_tracing::SpanLayer::new());
    let sent = tracing::subscriber::with_default(subscriber, || run(calls()));
    assert_eq!(sent.tree(), "calls\n  asynchronous\n    inner\n  theirs\n    asynchronous\n      inner\n");
}

#[test]
fn a_hub_that_is_bound_for_its_scope_alone_does_not_break_the_tree() {
    let sent = capture(|| {
        outer(|| {
            Hub::run(Arc::new(Hub::new_from_top(Hub::current())), || {
                sentry_core::configure_scope(|scope| scope.set_tag("inside", 1));
                middle(inner);
            });
            inner();
        });
    });
    assert_eq!(sent.tree(), "outer\n  middle\n    inner\n    middle\n      inner\n");
    assert!(sent.events[0].tags.contains_key("inside"));
    assert!(!sent.events[1].tags.contains_key("inside"));
    let at: Vec<_> = sent.events.iter().map(|event| sent.span_of(event).unwrap().id).collect();
    assert_ne!(at[0], at[1]);
}

#[test]
fn a_future_with_a_hub_of_its_own_does_not_break_the_tree() {
    #[monitor_performance]
    async fn calls() {
        let hub = || Arc::new(Hub::new_from_top(Hub::current()));
        tokio::join!(asynchronous().bind_hub(hub()), asynchronous().bind_hub(hub()));
        middle(inner);
    }
    let sent = run(calls());
    assert_eq!(sent.tree(), "calls\n  asynchronous\n    inner\n  asynchronous\n    inner\n  middle\n    inner\n");
    assert_eq!(sent.transactions.len(), 1);
}

#[test]
fn each_client_gets_its_own() {
    let mut below = None;
    let sent = capture(|| outer(|| below = Some(capture(|| middle(inner)))));
    let below = below.unwrap();
    assert_eq!(sent.tree(), "outer\n  middle\n");
    assert_eq!(below.tree(), "middle\n  inner\n");
    assert_ne!(sent.spans[0].trace, below.spans[0].trace);
}

#[test]
fn a_span_of_somebody_else_is_carried_where_it_is_the_current_one() {
    let sent = capture(|| {
        outer(|| {
            by_hand("theirs", || {
                let carry = watchpost::carry();
                std::thread::spawn(move || carry.run(inner)).join().unwrap();
            });
        });
    });
    assert_eq!(sent.tree(), "outer\n  middle\n  theirs\n    inner\n");
    assert_eq!(sent.span_of(&sent.events[0]).unwrap().name, "inner");
}

#[test]
fn what_is_carried_below_a_span_of_somebody_else_and_begins_late_continues_its_trace() {
    let mut carry = None;
    let sent = capture(|| {
        outer(|| by_hand("theirs", || carry = Some(watchpost::carry())));
        carry.unwrap().run(inner);
    });
    assert_eq!(sent.transactions.len(), 2);
    let (late, theirs) = (sent.span("inner").unwrap(), sent.span("theirs").unwrap());
    assert_eq!((late.parent, late.trace), (Some(theirs.id), theirs.trace));
}

#[test]
fn what_is_carried_on_after_its_transaction_continues_the_trace_all_the_same() {
    let mut carry = None;
    let sent = capture(|| {
        outer(|| carry = Some(watchpost::carry()));
        carry.unwrap().run(|| {
            let again = watchpost::carry();
            std::thread::spawn(move || again.run(inner)).join().unwrap();
        });
    });
    let (late, carried) = (sent.span("inner").unwrap(), sent.span("middle").unwrap());
    assert_eq!((late.parent, late.trace), (Some(carried.id), carried.trace));
}

#[test]
fn a_task_below_a_span_of_somebody_else_hangs_off_it() {
    #[watchpost::monitored_task]
    fn task() {}
    let sent = capture(|| outer(|| by_hand("theirs", task)));
    assert_eq!(sent.tree(), "outer\n  middle\n  theirs\n    task\n");
}

#[test]
fn a_client_that_does_not_trace_inside_of_one_that_does() {
    let errors_only = || ClientOptions::new().add_integration(watchpost::Instrumentation::new());
    let mut below = None;
    let sent = capture(|| {
        outer(|| {
            below = Some(capture_with(errors_only(), || middle(inner)));
            inner();
        });
    });
    assert_eq!(sent.tree(), "outer\n  middle\n    inner\n");
    let below = below.unwrap();
    assert!(below.spans.is_empty());
    assert_eq!(below.events.len(), 1);
    // And the other way round.
    let mut below = None;
    let sent = capture_with(errors_only(), || outer(|| below = Some(capture(|| middle(inner)))));
    assert!(sent.spans.is_empty());
    assert_eq!(below.unwrap().tree(), "middle\n  inner\n");
}

#[test]
fn a_client_without_our_integration_is_found() {
    // A thread looks at its 1st, 2nd, 4th .. call; the clients of other tests come and go meanwhile.
    let options = ClientOptions::new().traces_sample_rate(1.0);
    let calls = || (0..64).for_each(|_| outer(inner));
    let envelopes = sentry_core::test::with_captured_envelopes_options(calls, options);
    let transactions = envelopes
        .iter()
        .flat_map(sentry_core::Envelope::items)
        .filter(|item| matches!(item, sentry_core::protocol::EnvelopeItem::Transaction(_)));
    assert!(transactions.count() >= 1);
}

#[test]
fn below_somebody_else_who_is_not_sampled_nothing_is_begun() {
    let sent = capture_with(options().traces_sample_rate(0.0), || by_hand("theirs", || outer(inner)));
    assert!(sent.spans.is_empty());
    assert_eq!(sent.events.len(), 1);
}

#[test]
fn a_panic_in_between_leaves_both_right() {
    let sent = traced(|| {
        outer(|| {
            let caught = std::panic::catch_unwind(|| {
                tracing::info_span!("theirs").in_scope(|| middle(|| panic!("on purpose")));
            });
            assert!(caught.is_err());
            inner();
        });
    });
    assert_eq!(sent.tree(), "outer\n  middle\n    inner\n  theirs\n    middle\n");
    let failed: Vec<_> = sent.spans_named("middle").map(|span| span.status).collect();
    assert!(failed.contains(&Some(SpanStatus::InternalError)) && failed.contains(&Some(SpanStatus::Ok)));
}

#[test]
fn a_request_of_sentry_tower() {
    use tower::{Service as _, ServiceBuilder, ServiceExt as _};
    let sent = run(async {
        let mut service = ServiceBuilder::new()
            .layer(sentry_tower::NewSentryLayer::new_from_top())
            .layer(sentry_tower::SentryHttpLayer::new().enable_transaction())
            .service(tower::service_fn(|_: http::Request<String>| async {
                asynchronous().await;
                outer(inner);
                Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
            }));
        let request = http::Request::get("https://example.org/path").body(String::new()).unwrap();
        service.ready().await.unwrap().call(request).await.unwrap();
    });
    assert_eq!(sent.transactions.len(), 1);
    assert_eq!(sent.tree(), "GET /path\n  asynchronous\n    inner\n  outer\n    middle\n      inner\n");
}
