//! Work that a request hands on to other tasks and threads: one word each, and span, scope and user come along.

use rayon::prelude::*;
use sentry_core::protocol::{Event, User};
use sentry_core::{capture_message, configure_scope};
use tokio::task::{JoinSet, spawn, spawn_blocking};
use watchpost::testing::{Captured, capture_async};
use watchpost::{InCurrentSpan as _, InCurrentSpanFn as _, Level, carry, monitor_performance, transaction};

const WAYS: [&str; 9] = [
    "spawn",
    "spawn_blocking",
    "join_set",
    "thread",
    "rayon_spawn",
    "rayon_join_a",
    "rayon_join_b",
    "rayon_iterator",
    "rayon_scope",
];

/// What is done elsewhere: a span, something on the scope that must not leak, and an event.
#[monitor_performance]
fn work(way: &'static str) {
    configure_scope(|scope| scope.set_tag("way", way));
    capture_message(way, Level::Info);
}

#[monitor_performance]
async fn work_later(way: &'static str) {
    tokio::task::yield_now().await;
    work(way);
}

async fn request() {
    configure_scope(|scope| {
        scope.set_user(Some(User { id: Some("17".into()), ..User::default() }));
        scope.set_tag("tenant", "north");
    });

    spawn(work_later("spawn").in_current_span()).await.unwrap();
    spawn_blocking((|| work("spawn_blocking")).in_current_span()).await.unwrap();
    let mut set = JoinSet::new();
    set.spawn(work_later("join_set").in_current_span());
    set.join_all().await;
    std::thread::spawn((|| work("thread")).in_current_span()).join().unwrap();

    let (done, all_done) = tokio::sync::oneshot::channel();
    rayon::spawn(
        (move || {
            work("rayon_spawn");
            let _ = done.send(());
        })
        .in_current_span(),
    );
    all_done.await.unwrap();
    rayon::join((|| work("rayon_join_a")).in_current_span(), (|| work("rayon_join_b")).in_current_span());
    let carry = carry();
    ["rayon_iterator"; 8].par_iter().for_each(|way| carry.run(|| work(way)));
    rayon::scope(|scope| scope.spawn(|_| carry.run(|| work("rayon_scope"))));

    capture_message("after", Level::Info);
}

async fn captured() -> Captured {
    capture_async(transaction("http.server", "GET /").instrument(request())).await
}

fn event<'a>(captured: &'a Captured, way: &str) -> &'a Event<'static> {
    captured
        .events
        .iter()
        .find(|event| event.message.as_deref() == Some(way))
        .unwrap_or_else(|| panic!("no event of {way}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn span_scope_and_user_come_along() {
    let captured = captured().await;
    let root = captured.span("GET /").unwrap();
    for way in WAYS {
        let event = event(&captured, way);
        assert_eq!(event.user.as_ref().and_then(|user| user.id.as_deref()), Some("17"), "{way}");
        assert_eq!((&*event.tags["tenant"], &*event.tags["way"]), ("north", way));
        let span = captured.span_of(event).unwrap_or_else(|| panic!("the event of {way} has no span"));
        assert_eq!((span.name.as_str(), span.trace), ("work", root.trace), "{way}");
    }
    let works = captured.spans_named("work").count();
    assert_eq!(works, WAYS.len() + 7, "the iterator has eight");
    assert_eq!(captured.transactions.len(), 1, "nothing began a transaction of its own:\n{}", captured.tree());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_there_stays_there() {
    let captured = captured().await;
    let after = event(&captured, "after");
    assert_eq!(after.tags.get("way"), None);
    assert_eq!(after.tags["tenant"], "north");
}
