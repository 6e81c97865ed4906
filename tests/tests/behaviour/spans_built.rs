//! Spans that are built at run time: only below others, with an origin.

use watchpost::testing::{capture, capture_async};
use watchpost::{span, transaction};

#[test]
fn a_child_alone_makes_no_transaction() {
    let sent = capture(|| {
        span("db.query", "SELECT 1").only_as_child().run(|| {
            // What is annotated below is on its own.
            span("function", "inner").run(|| {});
        });
    });
    assert_eq!(sent.tree(), "inner\n");
}

#[test]
fn a_child_is_a_child_where_something_is_open() {
    let sent = capture(|| {
        transaction("task", "outer").run(|| span("db.query", "SELECT 1").only_as_child().run(|| {}));
    });
    assert_eq!(sent.tree(), "outer\n  SELECT 1\n");
}

#[test]
fn a_child_below_a_span_of_the_sdk() {
    let sent = capture(|| {
        let foreign = sentry_core::start_transaction(sentry_core::TransactionContext::new("foreign", "task"));
        sentry_core::configure_scope(|scope| scope.set_span(Some(foreign.clone().into())));
        span("db.query", "SELECT 1").only_as_child().run(|| {});
        foreign.finish();
    });
    assert_eq!(sent.tree(), "foreign\n  SELECT 1\n");
}

#[tokio::test]
async fn a_child_of_the_asynchronous_kind() {
    let sent = capture_async(async {
        span("cache.get", "alone").only_as_child().instrument(tokio::task::yield_now()).await;
        transaction("task", "outer")
            .instrument(async {
                span("cache.get", "below").only_as_child().instrument(tokio::task::yield_now()).await;
            })
            .await;
    })
    .await;
    assert_eq!(sent.tree(), "outer\n  below\n");
}

#[test]
fn the_origin_travels_as_data_until_delivery() {
    let sent = capture(|| span("db.query", "SELECT 1").origin("auto.db.sqlx").run(|| {}));
    assert_eq!(sent.spans[0].data["sentry.origin"], "auto.db.sqlx");
}
