//! Errors that nobody wants to know of, how they are grouped, and how many of a kind are sent.

use sentry_core::protocol::SpanStatus;
use sentry_core::{ClientOptions, Level};
use watchpost::testing::{Captured, capture, capture_with};
use watchpost::{Classify, Config, ErrorRule, capture_error, capture_errors, monitor_performance};

#[derive(Debug, thiserror::Error, Classify)]
enum PaymentError {
    #[error("declined with {code}")]
    #[classify(category = "payment", level = "warning", status = "failed_precondition")]
    Declined { code: u32 },
    #[error("cancelled")]
    #[classify(ignore)]
    Cancelled,
    #[error("already paid")]
    #[classify(expected)]
    Paid,
    #[error("gateway")]
    #[classify(delegate)]
    Gateway(#[source] GatewayError),
    #[error("timed out after {ms} ms")]
    #[classify(category = "payment", fingerprint = ["gateway-timeout"])]
    Timeout { ms: u32 },
}
#[derive(Debug, thiserror::Error, Classify)]
enum GatewayError {
    #[error("busy")]
    #[classify(category = "gateway", level = "info", status = "unavailable", retry = "later")]
    Busy,
}

#[monitor_performance]
#[capture_errors]
fn pay(err: PaymentError) -> Result<(), PaymentError> {
    Err(err)
}

fn configured(configure: impl FnOnce(Config) -> Config) -> ClientOptions {
    let config = Config::from_vars([("SENTRY_DSN", "https://a@sentry.invalid/1"), ("SENTRY_TRACES_SAMPLE_RATE", "1")]);
    configure(config.unwrap()).client_options()
}

fn types(sent: &Captured) -> Vec<&str> {
    sent.events.iter().map(|event| event.exception.values.last().map_or("", |one| one.ty.as_str())).collect()
}

#[test]
fn the_type_of_an_error_says_how_it_is_treated() {
    let sent = capture(|| {
        let _ = pay(PaymentError::Declined { code: 51 });
        let _ = pay(PaymentError::Cancelled);
        let _ = pay(PaymentError::Paid);
        let _ = pay(PaymentError::Gateway(GatewayError::Busy));
        let _ = pay(PaymentError::Timeout { ms: 30 });
    });
    assert_eq!(types(&sent), ["PaymentError::Declined", "PaymentError::Gateway", "PaymentError::Timeout"]);
    let said: Vec<_> = sent.events.iter().map(|event| (event.tags["error.category"].as_str(), event.level)).collect();
    assert_eq!(said, [("payment", Level::Warning), ("gateway", Level::Info), ("payment", Level::Error)]);
    assert_eq!(&*sent.events[0].fingerprint, ["{{ default }}"]);
    assert_eq!(&*sent.events[2].fingerprint, ["gateway-timeout"]);
    let statuses: Vec<_> = sent.spans.iter().filter_map(|span| span.status).collect();
    assert_eq!(
        statuses,
        [
            SpanStatus::FailedPrecondition,
            SpanStatus::InternalError,
            SpanStatus::Ok,
            SpanStatus::Unavailable,
            SpanStatus::InternalError,
        ]
    );
}

#[test]
fn the_attribute_s_own_words_win() {
    #[capture_errors(category = "checkout", level = "fatal", fingerprint = ["own"])]
    fn own(err: PaymentError) -> Result<(), PaymentError> {
        Err(err)
    }
    let sent = capture(|| drop(own(PaymentError::Timeout { ms: 1 })));
    let event = &sent.events[0];
    assert_eq!((event.tags["error.category"].as_str(), event.level), ("checkout", Level::Fatal));
    assert_eq!(&*event.fingerprint, ["own"]);
}

#[test]
fn what_neither_says_the_next_outer_function_says() {
    #[capture_errors(category = "booking", level = "warning")]
    fn outer() -> Result<(), GatewayOnly> {
        inner()
    }
    #[capture_errors]
    fn inner() -> Result<(), GatewayOnly> {
        Err(GatewayOnly)
    }
    #[derive(Debug, thiserror::Error)]
    #[error("gateway")]
    struct GatewayOnly;
    let sent = capture(|| drop(outer()));
    assert_eq!((sent.events[0].tags["error.category"].as_str(), sent.events[0].level), ("booking", Level::Warning));
}

#[test]
fn rules_drop_errors_by_type_message_and_category() {
    let all = || {
        let _ = pay(PaymentError::Declined { code: 51 });
        let _ = pay(PaymentError::Timeout { ms: 30 });
        let _ = pay(PaymentError::Gateway(GatewayError::Busy));
    };
    for (rule, left) in [
        (ErrorRule::of_type("PaymentError::Declined"), ["PaymentError::Timeout", "PaymentError::Gateway"].as_slice()),
        (ErrorRule::of_type("errors_rules::PaymentError"), &[]),
        (ErrorRule::message("timed out*"), &["PaymentError::Declined", "PaymentError::Gateway"]),
        (ErrorRule::of_type("PaymentError").category("gateway"), &["PaymentError::Declined", "PaymentError::Timeout"]),
        (ErrorRule::of_type("Busy"), &["PaymentError::Declined", "PaymentError::Timeout"]),
        (ErrorRule::of_type("Payment"), &["PaymentError::Declined", "PaymentError::Timeout", "PaymentError::Gateway"]),
    ] {
        let sent = capture_with(configured(|config| config.ignore_error(rule.clone())), all);
        assert_eq!(types(&sent), left, "{rule:?}");
    }
    let by_hand = || assert_eq!(capture_error(&PaymentError::Cancelled).send(), None);
    assert_eq!(types(&capture_with(configured(|config| config.ignore_error("Cancelled")), by_hand)), [""; 0]);
}

#[test]
fn rules_group_errors() {
    let options = configured(|config| {
        config
            .fingerprint_rule(ErrorRule::of_type("PaymentError"), ["payments"])
            .fingerprint_rule("Declined", ["second"])
    });
    let sent = capture_with(options, || {
        let _ = pay(PaymentError::Declined { code: 51 });
        let _ = pay(PaymentError::Timeout { ms: 30 });
    });
    let fingerprints: Vec<_> = sent.events.iter().map(|event| event.fingerprint[0].as_ref()).collect();
    assert_eq!(fingerprints, ["payments", "gateway-timeout"], "what the error says itself stands before rules");
}

#[test]
fn of_a_storm_ten_are_sent_and_one_that_tells_how_many_there_were() {
    let sent = capture_with(configured(|config| config), || {
        for ms in 0..300 {
            let _ = pay(PaymentError::Timeout { ms });
        }
        let _ = pay(PaymentError::Declined { code: 1 });
    });
    let timeouts = types(&sent).iter().filter(|ty| **ty == "PaymentError::Timeout").count();
    assert_eq!(timeouts, 10);
    assert!(types(&sent).contains(&"PaymentError::Declined"), "other errors have their own ten");
    let summary = sent.events.last().unwrap();
    assert_eq!(
        summary.message.as_deref(),
        Some("290 more events of PaymentError::Timeout within a minute were not sent")
    );
    assert_eq!(summary.tags["storm.suppressed"], "290");
    let sent = capture_with(configured(|config| config.storm_limit(0)), || {
        for ms in 0..30 {
            let _ = pay(PaymentError::Timeout { ms });
        }
    });
    assert_eq!(sent.events.len(), 30, "switched off");
}

#[test]
fn transactions_of_some_names_are_not_recorded_and_their_errors_are() {
    #[monitor_performance("GET /health")]
    fn health() {
        let _ = pay(PaymentError::Declined { code: 1 });
    }
    #[monitor_performance("GET /users")]
    fn users() {
        let _ = pay(PaymentError::Declined { code: 2 });
    }
    let sent = capture_with(configured(|config| config.ignore_transaction("GET /health*")), || {
        health();
        users();
    });
    assert_eq!(sent.transactions.iter().filter_map(|one| one.name.as_deref()).collect::<Vec<_>>(), ["GET /users"]);
    let names: Vec<_> = sent.events.iter().map(|event| event.transaction.as_deref()).collect();
    assert_eq!(names, [Some("GET /health"), Some("GET /users")]);
}

#[test]
fn health_says_how_many_errors_were_kept_back() {
    let options = configured(|config| config.ignore_error("Declined").storm_limit(1));
    capture_with(options, || {
        for code in 0..3 {
            let _ = pay(PaymentError::Declined { code });
            let _ = pay(PaymentError::Timeout { ms: code });
        }
        let health: serde_json::Value = serde_json::from_str(&watchpost::health().to_json()).unwrap();
        let counts = &health["sentry"]["delivery"];
        assert_eq!((&counts["errors_ignored"], &counts["errors_suppressed"]), (&3.into(), &2.into()), "{health}");
    });
}

#[test]
fn what_a_task_holds_back_has_room_for_ten_and_more_is_counted() {
    let sent = capture_with(configured(|config| config.storm_limit(0)), || {
        watchpost::task("sweep").attempt(1).max_attempts(2).run(|| {
            for code in 0..13 {
                let _ = pay(PaymentError::Declined { code });
            }
        });
        let health: serde_json::Value = serde_json::from_str(&watchpost::health().to_json()).unwrap();
        assert_eq!(health["sentry"]["delivery"]["errors_suppressed"], 3, "{health}");
    });
    assert_eq!(sent.events.len(), 10);
}
