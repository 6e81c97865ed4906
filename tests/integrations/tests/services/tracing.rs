//! The layer of tracing: breadcrumbs, logs and errors, each once, beside annotated functions.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use sentry_core::{ClientOptions, Level};
use tracing::{debug, error, info, warn};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use watchpost::delivery::{Delivery, Settings};
use watchpost::testing::{Captured, capture, capture_with, options};
use watchpost::tracing::{Layers, layers};
use watchpost::{Guard, Instrumentation, capture_errors, monitor_performance, span, transaction};
use watchpost_cli::receiver::Receiver;

/// What `f` sent, with the layer on this thread.
fn traced(f: impl FnOnce()) -> Captured {
    let subscriber = tracing_subscriber::registry().with(layers());
    capture(|| tracing::subscriber::with_default(subscriber, f))
}

#[derive(Debug)]
struct Gateway;
impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("gateway timed out")
    }
}
impl Error for Gateway {}

#[derive(Debug)]
struct Payment(Gateway);
impl fmt::Display for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("payment failed")
    }
}
impl Error for Payment {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn levels() {
    let sent = traced(|| {
        debug!("nobody wants to know");
        info!(order = 17, "taken");
        warn!("late");
        error!(order = 18, "lost");
    });
    let [event] = &sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!((event.message.as_deref(), event.level), (Some("lost"), Level::Error));
    assert!(event.logger.as_deref().is_some_and(|logger| logger.ends_with("::tracing")), "{:?}", event.logger);
    let crumbs: Vec<_> = event.breadcrumbs.iter().map(|crumb| (crumb.message.as_deref(), crumb.level)).collect();
    assert_eq!(crumbs, [(Some("taken"), Level::Info), (Some("late"), Level::Warning)]);
    assert_eq!(event.breadcrumbs[0].data["order"], 17);
    let sentry_core::protocol::Context::Other(fields) = &event.contexts["log"] else { panic!("{event:?}") };
    assert_eq!(fields["order"], 18);
    let logs: Vec<_> = sent.logs.iter().map(|log| log.body.as_str()).collect();
    assert_eq!(logs, ["taken", "late", "lost"]);
    assert_eq!(sent.logs[0].attributes["order"].0, 17);
}

#[test]
fn logs_have_the_exact_ids() {
    let sent = traced(|| {
        transaction("test", "root").run(|| span("function", "inner").run(|| info!("here")));
    });
    let inner = sent.span("inner").unwrap();
    let [log] = &sent.logs[..] else { panic!("{:?}", sent.logs) };
    assert_eq!(log.trace_id, Some(inner.trace));
    assert_eq!(log.attributes["parent_span_id"].0, inner.id.to_string());
}

#[capture_errors(category = "payment")]
fn charge() -> Result<(), Gateway> {
    Err(Gateway)
}

#[monitor_performance]
fn caught_and_logged() {
    if let Err(error) = charge() {
        error!("refund failed: {error}");
        error!(%error, "refund failed");
        error!(error = &error as &dyn Error, "refund failed");
    }
}

#[test]
fn captured_and_then_logged_is_one_event() {
    let sent = traced(caught_and_logged);
    let [event] = &sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!(event.tags["error.category"], "payment");
    // Outside of any call, where the log line of `main` stands.
    let sent = traced(|| {
        let error = charge().unwrap_err();
        error!("{error}");
    });
    assert_eq!(sent.events.len(), 1, "{:?}", sent.events);
}

#[capture_errors(category = "payment")]
fn logs_the_error() -> Result<(), Payment> {
    let error = Payment(Gateway);
    error!(error = &error as &dyn Error, order = 17, "charging");
    Err(error)
}

#[capture_errors(category = "payment")]
fn logs_a_text() -> Result<(), Gateway> {
    error!("charging: {Gateway}");
    Err(Gateway)
}

#[capture_errors(category = "payment")]
fn logs_something_else() -> Result<(), Gateway> {
    error!("the printer is on fire");
    Err(Gateway)
}

#[test]
fn logged_and_then_returned_is_one_event() {
    let sent = traced(|| drop(logs_the_error()));
    let [event] = &sent.events[..] else { panic!("{:?}", sent.events) };
    let names: Vec<_> = event.exception.iter().map(|exception| exception.ty.as_str()).collect();
    assert_eq!(names, ["Gateway", "Payment"], "the error itself, not the line");

    let sent = traced(|| drop(logs_a_text()));
    assert_eq!(sent.events.len(), 1, "{:?}", sent.events);

    let sent = traced(|| drop(logs_something_else()));
    assert_eq!(sent.events.len(), 2, "two things happened: {:?}", sent.events);
}

#[test]
fn an_error_that_was_handled_may_come_again() {
    let sent = traced(|| {
        transaction("test", "root").run(|| {
            for _ in 0..2 {
                let _ = logs_a_text();
            }
        });
    });
    assert_eq!(sent.events.len(), 2, "{:?}", sent.events);
}

#[test]
fn nothing_of_what_sends() {
    let sent = traced(|| {
        error!(target: "ureq::pool", "lost");
        error!(target: "watchpost::delivery", "lost");
        error!(target: "hyper", "lost");
        warn!(target: "sqlx::query", "SELECT 'secret'");
        info!(target: "hyperion", "somebody else's");
    });
    assert!(sent.events.is_empty(), "{:?}", sent.events);
    let logs: Vec<_> = sent.logs.iter().map(|log| log.body.as_str()).collect();
    assert_eq!(logs, ["somebody else's"]);
}

#[test]
fn a_hook_that_logs_does_not_feed_itself() {
    let options = options().before_send(|event| {
        error!("in the hook");
        Some(event)
    });
    let subscriber = tracing_subscriber::registry().with(layers());
    let sent = capture_with(options, || tracing::subscriber::with_default(subscriber, || error!("once")));
    assert_eq!(sent.events.len(), 1, "{:?}", sent.events);
}

#[test]
fn a_field_that_panics_does_not_reach_the_program() {
    struct Bad;
    impl fmt::Debug for Bad {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            std::panic::resume_unwind(Box::new("on purpose"))
        }
    }
    let sent = traced(|| {
        error!(bad = ?Bad, "lost");
        error!("told");
    });
    let messages: Vec<_> = sent.events.iter().filter_map(|event| event.message.as_deref()).collect();
    assert_eq!(messages, ["told"]);
}

#[test]
fn settings() {
    let layers =
        Layers::new().errors(LevelFilter::OFF).breadcrumbs(LevelFilter::WARN).logs(LevelFilter::OFF).except("noisy");
    let subscriber = tracing_subscriber::registry().with(layers.filtered());
    let sent = capture(|| {
        tracing::subscriber::with_default(subscriber, || {
            error!("no event");
            error!(target: "noisy::inner", "nothing");
            info!("no breadcrumb");
            watchpost::capture_message("told", Level::Info);
        });
    });
    let [event] = &sent.events[..] else { panic!("{:?}", sent.events) };
    let crumbs: Vec<_> = event.breadcrumbs.iter().filter_map(|crumb| crumb.message.as_deref()).collect();
    assert_eq!((event.message.as_deref(), crumbs), (Some("told"), vec!["no event"]));
    assert!(sent.logs.is_empty());
}

#[monitor_performance]
fn inner() {}

#[tracing::instrument]
fn of_a_library() {
    inner();
}

#[monitor_performance]
fn outer() {
    of_a_library();
}

#[test]
fn spans_of_tracing_between_annotated_functions() {
    let sent = traced(outer);
    assert_eq!(sent.tree(), "outer\n  inner\n", "they are none of Sentry's");
    let subscriber = tracing_subscriber::registry().with(layers()).with(sentry_tracing::SpanLayer::new());
    let sent = capture(|| tracing::subscriber::with_default(subscriber, outer));
    assert_eq!(sent.tree(), "outer\n  of_a_library\n    inner\n", "unless somebody makes them that");
}

#[test]
fn what_leaves_is_redacted() {
    let receiver = Receiver::start(0).unwrap();
    let options = ClientOptions::new().dsn(receiver.dsn().as_str()).add_integration(Instrumentation::new());
    let guard = Guard::bind(options, Delivery::new(Settings::default()));
    let subscriber = tracing_subscriber::registry().with(layers());
    tracing::subscriber::with_default(subscriber, || {
        info!(password = "hunter2", to = "alice@example.com", "signed in with 4242 4242 4242 4242");
        error!(api_key = "hunter3", "alice@example.com is gone");
    });
    guard.flush(Duration::from_secs(20));
    let bodies = format!("{:?}", receiver.items());
    assert!(bodies.contains("signed in") && bodies.contains("is gone"), "{bodies}");
    for private in ["hunter2", "hunter3", "alice@example.com", "4242 4242"] {
        assert!(!bodies.contains(private), "{private} leaves: {bodies}");
    }
}
