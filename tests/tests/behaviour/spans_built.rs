//! Spans that are built at run time: only below others, with an origin.

use sentry_core::{ClientOptions, Level};
use watchpost::testing::{Captured, capture, capture_async, capture_async_with, capture_with, options};
use watchpost::{
    Instrumentation, Policy, capture_error, capture_errors, capture_message, current_span, span, transaction,
};

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

fn tags<'a>(sent: &'a Captured, key: &str) -> Vec<Option<&'a str>> {
    sent.events.iter().map(|event| event.tags.get(key).map(String::as_str)).collect()
}

/// Also what is written past our verbs stays inside, and also where only errors are monitored.
#[tokio::test]
async fn an_isolated_span_has_a_scope_of_its_own() {
    let errors_alone = || ClientOptions::new().add_integration(Instrumentation::new());
    for options in [errors_alone(), errors_alone().traces_sample_rate(0.0), options()] {
        // Below another span it is no less on its own.
        let isolated = |text: &'static str| {
            transaction("http.server", text).isolated().instrument(async move {
                sentry_core::configure_scope(|scope| scope.set_tag(text, text));
                tokio::task::yield_now().await;
                capture_message(text, Level::Info);
            })
        };
        let sent = capture_async_with(options, async {
            let below = async {
                isolated("one").await;
                isolated("two").await;
                capture_message("after", Level::Info);
            };
            span("function", "outer").instrument(below).await;
        })
        .await;
        assert_eq!(tags(&sent, "one"), [Some("one"), None, None]);
        assert_eq!(tags(&sent, "two"), [None, Some("two"), None]);
    }
    let sent = capture_with(errors_alone(), || {
        transaction("task", "one").isolated().run(|| {
            sentry_core::configure_scope(|scope| scope.set_tag("one", "one"));
            capture_message("inside", Level::Info);
        });
        capture_message("after", Level::Info);
    });
    assert_eq!(tags(&sent, "one"), [Some("one"), None]);
}

#[test]
fn a_transaction_gets_its_name_late() {
    let sent = capture(|| {
        transaction("http.server", "GET /users/7").source("url").run(|| {
            span("function", "inner").run(|| current_span().rename_transaction("GET /users/{id}", "route"));
            capture_message("inside", Level::Info);
        });
    });
    assert_eq!(sent.tree(), "GET /users/{id}\n  inner\n");
    assert_eq!(sent.spans[0].data["sentry.source"], "route");
    assert_eq!(sent.events[0].transaction.as_deref(), Some("GET /users/{id}"));
    current_span().rename_transaction("nothing is open", "custom");
}

#[test]
fn whether_a_span_is_recorded() {
    let recorded = |options| {
        let mut recorded = None;
        capture_with(options, || span("function", "a").run(|| recorded = Some(current_span().is_recorded())));
        recorded
    };
    assert_eq!(recorded(options()), Some(true));
    assert_eq!(recorded(options().traces_sample_rate(0.0)), Some(false));
    assert!(!current_span().is_recorded());
}

#[derive(Debug, thiserror::Error)]
#[error("the shop is closed")]
struct Closed;

#[capture_errors(category = "shop")]
fn open_the_door() -> Result<(), Closed> {
    Err(Closed)
}

#[test]
fn a_report_with_what_the_type_says() {
    let sent = capture(|| {
        let policy = Policy::new().with_category("shop").with_level(Level::Warning).with_fingerprint(&["closed"]);
        capture_error(&Closed).policy(policy).send();
    });
    assert_eq!((tags(&sent, "error.category"), sent.events[0].level), (vec![Some("shop")], Level::Warning));
    assert_eq!(sent.events[0].fingerprint[..], ["closed"]);
    let sent = capture(|| {
        capture_error(&Closed).policy(Policy::new().with_category("shop")).category("door").send();
    });
    assert_eq!(tags(&sent, "error.category"), [Some("door")]);
    assert!(
        capture(|| assert_eq!(capture_error(&Closed).policy(Policy::new().with_ignore()).send(), None))
            .events
            .is_empty()
    );
}

#[test]
fn whether_something_was_reported_inside_of_a_span() {
    use watchpost::capture::reported_inside;
    capture(|| {
        span("function", "a").run(|| {
            assert!(!reported_inside());
            let _ = open_the_door();
            assert!(reported_inside());
        });
        span("function", "b").run(|| {
            assert!(!reported_inside());
            capture_error(&Closed).send();
            assert!(reported_inside());
        });
    });
}
