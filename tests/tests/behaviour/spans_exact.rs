//! The exact span of what anyone captures inside: events, logs, metrics.

use std::collections::HashMap;

use sentry_core::protocol::{LogAttribute, SpanId};
use sentry_core::{Hub, Level, TransactionOrSpan};
use watchpost::testing::{Captured, capture_async_with, options};
use watchpost::{InCurrentSpan as _, InCurrentSpanFn as _, monitor_performance};

/// One of each, told apart by `place`.
fn says(place: &'static str) {
    sentry_core::capture_message(place, Level::Info);
    sentry_core::logger_info!("{}", place);
    sentry_core::metrics::counter(place, 1).capture();
}

#[monitor_performance]
async fn root() {
    says("root");
    sync();
    asynchronous().await;
    tokio::spawn(spawned().in_current_span()).await.unwrap();
    tokio::spawn(async { says("carried") }.in_current_span()).await.unwrap();
    tokio::task::spawn_blocking((|| blocking()).in_current_span()).await.unwrap();
    says("root again");
}
#[monitor_performance]
fn sync() {
    says("sync");
    below();
    says("sync again");
    by_hand();
}
#[monitor_performance(scope)]
fn below() {
    says("below");
}
#[monitor_performance]
async fn asynchronous() {
    tokio::task::yield_now().await;
    says("asynchronous");
    below();
}
#[monitor_performance]
async fn spawned() {
    tokio::task::yield_now().await;
    says("spawned");
}
#[monitor_performance]
fn blocking() {
    says("blocking");
}

/// A span of somebody else's: what is captured inside belongs to it.
fn by_hand() {
    let hub = Hub::current();
    let previous = hub.configure_scope(|scope| scope.get_span());
    let span = TransactionOrSpan::from(previous.as_ref().unwrap().start_child("hand", "by hand"));
    hub.configure_scope(|scope| scope.set_span(Some(span.clone())));
    says("by hand");
    hub.configure_scope(|scope| scope.set_span(previous));
    span.finish();
}

fn names(sent: &Captured) -> HashMap<SpanId, &str> {
    sent.spans.iter().map(|span| (span.id, span.name.as_str())).collect()
}

#[test]
fn what_anyone_captures_belongs_to_the_innermost_span() {
    #[expect(deprecated, reason = "logs are off where nothing is said")]
    let options = options().enable_logs(true);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let sent = runtime.block_on(capture_async_with(options, root()));
    let names = names(&sent);
    let expected = [
        ("asynchronous", "asynchronous"),
        ("below", "below"),
        ("below", "below"),
        ("blocking", "blocking"),
        ("by hand", "by hand"),
        ("carried", "root"),
        ("root", "root"),
        ("root again", "root"),
        ("spawned", "spawned"),
        ("sync", "sync"),
        ("sync again", "sync"),
    ];

    let mut events: Vec<_> = sent
        .events
        .iter()
        .map(|event| (event.message.as_deref().unwrap(), sent.span_of(event).map_or("none", |span| &span.name)))
        .collect();
    events.sort_unstable();
    assert_eq!(events, expected, "events");

    let mut logs: Vec<_> = sent
        .logs
        .iter()
        .map(|log| {
            // The name that the SDK gives it.
            let Some(LogAttribute(span)) = log.attributes.get("parent_span_id") else { panic!("no span: {log:?}") };
            (log.body.as_str(), names[&span.as_str().unwrap().parse().unwrap()])
        })
        .collect();
    logs.sort_unstable();
    assert_eq!(logs, expected, "logs");

    let mut metrics: Vec<_> =
        sent.metrics.iter().map(|metric| (&*metric.name, names[&metric.span_id.unwrap()])).collect();
    metrics.sort_unstable();
    assert_eq!(metrics, expected, "metrics");
}
