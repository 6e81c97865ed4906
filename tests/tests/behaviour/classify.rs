//! `#[derive(Classify)]`: what an error says of its treatment.

use std::sync::Arc;

use sentry_core::Level;
use sentry_core::protocol::SpanStatus;
use watchpost::{Classify, Policy, Retry};

#[derive(Classify)]
enum GatewayError {
    #[classify(category = "gateway", level = "fatal", http = 503, retry = "later")]
    Down,
    #[classify(expected)]
    Busy,
}

#[derive(Classify)]
enum PaymentError {
    #[classify(category = "payment", level = "warning", status = "failed_precondition", http = 402, retry = "never")]
    Declined { _code: String },
    #[classify(ignore)]
    Cancelled,
    #[classify(delegate)]
    Gateway(#[source] GatewayError),
    #[classify(category = "payment", fingerprint = ["gateway-timeout", "{{ default }}"])]
    Timeout((), ()),
    #[classify(delegate, level = "info")]
    Boxed { source: Box<GatewayError>, _attempt: u32 },
    #[classify(ignore)]
    r#Async,
}

#[test]
fn each_variant_says_its_own() {
    let declined = PaymentError::Declined { _code: "insufficient_funds".into() }.classify();
    assert_eq!(
        declined,
        Policy::new()
            .with_variant("Declined")
            .with_category("payment")
            .with_level(Level::Warning)
            .with_status(SpanStatus::FailedPrecondition)
            .with_http(402)
            .with_retry(Retry::Never)
    );
    assert_eq!(PaymentError::Cancelled.classify(), Policy::new().with_variant("Cancelled").with_ignore());
    let timeout = PaymentError::Timeout((), ()).classify();
    assert_eq!(timeout.fingerprint, Some(["gateway-timeout", "{{ default }}"].as_slice()));
    assert_eq!(PaymentError::r#Async.classify().variant, Some("Async"));
}

#[test]
fn delegated_is_the_error_inside_but_for_its_own_words_and_its_name() {
    let down = Policy::new().with_category("gateway").with_level(Level::Fatal).with_http(503).with_retry(Retry::Later);
    assert_eq!(PaymentError::Gateway(GatewayError::Down).classify(), down.with_variant("Gateway"));
    let boxed = PaymentError::Boxed { source: Box::new(GatewayError::Down), _attempt: 1 };
    assert_eq!(boxed.classify(), down.with_level(Level::Info).with_variant("Boxed"));
    let busy = PaymentError::Gateway(GatewayError::Busy).classify();
    assert!(busy.expected && busy.span_status() == Some(SpanStatus::Ok));
}

#[test]
fn what_is_said_of_the_whole_type_fills_in() {
    #[derive(Classify)]
    #[classify(category = "booking", http = 500, retry = "later")]
    enum BookingError<E> {
        SlotTaken,
        #[classify(http = 409, retry = "never")]
        Double,
        #[classify(delegate)]
        Other(E),
        #[classify(category = "storage")]
        Storage {
            #[classify(delegate)]
            cause: Arc<E>,
            _at: u32,
        },
    }
    let policy = |error: BookingError<GatewayError>| error.classify();
    let said = |variant, category, http, retry| {
        Policy::new().with_variant(variant).with_category(category).with_http(http).with_retry(retry)
    };
    assert_eq!(policy(BookingError::SlotTaken), said("SlotTaken", "booking", 500, Retry::Later));
    assert_eq!(policy(BookingError::Double), said("Double", "booking", 409, Retry::Never));
    assert_eq!(
        policy(BookingError::Other(GatewayError::Down)),
        said("Other", "gateway", 503, Retry::Later).with_level(Level::Fatal)
    );
    let storage = BookingError::Storage { cause: Arc::new(GatewayError::Down), _at: 1 };
    assert_eq!(policy(storage), said("Storage", "storage", 503, Retry::Later).with_level(Level::Fatal));
}

#[test]
fn structs_and_empty_enums() {
    #[derive(Classify)]
    #[classify(category = "config", level = "fatal")]
    struct Missing;
    assert_eq!(Missing.classify(), Policy::new().with_category("config").with_level(Level::Fatal));

    #[derive(Classify)]
    #[classify(delegate, category = "outer")]
    struct Wrapped<'a, E>(&'a E);
    let wrapped = Wrapped(&GatewayError::Down).classify();
    assert_eq!((wrapped.category, wrapped.http, wrapped.variant), (Some("outer"), Some(503), None));

    #[derive(Classify)]
    enum Never {}
    fn classified(never: &Never) -> Policy {
        never.classify()
    }
    let _: fn(&Never) -> Policy = classified;
}
