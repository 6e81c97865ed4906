//! The guide's examples of context and manual capture, one by one.

use std::fmt;

use sentry_core::protocol::{Context, Event, Value};
use serde_json::json;
use watchpost::testing::{Captured, capture, capture_async};
use watchpost::{
    Classify, Level, ScopeExt as _, SentryContext, SentryUser, add_context, capture_error, capture_errors,
    capture_message, set_tag, set_user, with_scope,
};

/// A context of an event as JSON, without what the SDK says of every context that it has no type for.
fn context(event: &Event<'_>, name: &str) -> Value {
    let Some(Context::Other(context)) = event.contexts.get(name) else { return Value::Null };
    serde_json::to_value(context).expect("JSON")
}

fn tag<'a>(event: &'a Event<'_>, key: &str) -> Option<&'a str> {
    event.tags.get(key).map(String::as_str)
}

fn only(sent: &Captured) -> &Event<'static> {
    assert_eq!(sent.events.len(), 1, "{:#?}", sent.events);
    &sent.events[0]
}

#[derive(SentryContext)]
struct BookingContext {
    appointment_id: u64,
    user_id: u64,
    location_id: u32,
}

#[derive(SentryContext)]
struct PaymentContext<'a> {
    payment_id: &'a str,
    amount: f64,
    #[context(tag)]
    currency: &'a str,
    stripe_error_code: Option<&'a str>,
}

#[derive(SentryContext)]
struct IntegrationContext<'a> {
    #[context(tag)]
    integration_type: &'a str,
    operation: &'a str,
    external_id: Option<&'a str>,
}

#[derive(SentryUser)]
struct Claims<'a> {
    #[user(id)]
    user_id: u64,
    #[user(email)]
    user_email: &'a str,
    #[user(tag)]
    role: &'a str,
    location_id: u32,
}

#[derive(Debug, Classify)]
#[classify(category = "payment")]
enum StripeError {
    #[classify(level = "warning", status = "failed_precondition")]
    Declined { code: &'static str },
    #[classify(ignore)]
    Cancelled,
}
impl fmt::Display for StripeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined { code } => write!(f, "the card was declined: {code}"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}
impl std::error::Error for StripeError {}

fn risky_operation() -> Result<(), std::num::ParseIntError> {
    "seventeen".parse::<u8>().map(|_| ())
}

#[test]
fn capture_an_exception_and_a_message() {
    let sent = capture(|| {
        if let Err(err) = risky_operation() {
            assert!(capture_error(&err).send().is_some());
        }
        capture_message("Something important happened", Level::Info);
    });
    let [error, message] = sent.events.as_slice() else { panic!("{:#?}", sent.events) };
    assert_eq!(error.exception[0].ty, "ParseIntError");
    assert_eq!(error.exception[0].value.as_deref(), Some("invalid digit found in string"));
    assert_eq!((message.message.as_deref(), message.level), (Some("Something important happened"), Level::Info));
}

#[test]
fn capture_a_booking_error() {
    let sent = capture(|| {
        if let Err(err) = risky_operation() {
            let booking = BookingContext { appointment_id: 17, user_id: 4, location_id: 3 };
            capture_error(&err).category("booking").context(&booking).send();
        }
    });
    let event = only(&sent);
    assert_eq!(tag(event, "error.category"), Some("booking"));
    assert_eq!(context(event, "booking"), json!({ "appointment_id": 17, "user_id": 4, "location_id": 3 }));
}

#[capture_errors(context = PaymentContext { payment_id, amount, currency, stripe_error_code: None })]
fn process_payment(payment_id: &str, amount: f64, currency: &str, cancel: bool) -> Result<(), StripeError> {
    if cancel { Err(StripeError::Cancelled) } else { Err(StripeError::Declined { code: "card_declined" }) }
}

#[test]
fn capture_a_payment_error() {
    let sent = capture(|| {
        assert!(process_payment("pay_123", 45.0, "EUR", false).is_err());
        assert!(process_payment("pay_124", 45.0, "EUR", true).is_err());
    });
    let event = only(&sent);
    assert_eq!((tag(event, "error.category"), tag(event, "payment.currency")), (Some("payment"), Some("EUR")));
    assert_eq!(event.level, Level::Warning);
    assert_eq!(event.exception[0].ty, "StripeError::Declined");
    assert_eq!(context(event, "payment"), json!({ "payment_id": "pay_123", "amount": 45.0, "currency": "EUR" }));
}

#[test]
fn capture_a_payment_error_by_hand() {
    let sent = capture(|| {
        let err = StripeError::Declined { code: "card_declined" };
        let StripeError::Declined { code } = err else { return };
        let payment =
            PaymentContext { payment_id: "pay_123", amount: 45.0, currency: "EUR", stripe_error_code: Some(code) };
        capture_error(&err).category("payment").context(&payment).send();
    });
    assert_eq!(context(only(&sent), "payment")["stripe_error_code"], "card_declined");
}

#[capture_errors(category = "integration", context = IntegrationContext {
    integration_type: "google_calendar", operation: "sync_events", external_id: Some(calendar_id),
})]
async fn sync_google_calendar(calendar_id: &str) -> Result<(), std::io::Error> {
    Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
}

#[tokio::test]
async fn capture_an_integration_error() {
    let sent = capture_async(async {
        assert!(sync_google_calendar("cal_1").await.is_err());
    })
    .await;
    let event = only(&sent);
    assert_eq!(tag(event, "error.category"), Some("integration"));
    assert_eq!(
        context(event, "integration"),
        json!({ "integration_type": "google_calendar", "operation": "sync_events", "external_id": "cal_1" })
    );
    assert_eq!(tag(event, "integration.integration_type"), Some("google_calendar"));
}

#[test]
fn add_user_and_business_context() {
    let sent = capture(|| {
        set_user(&Claims { user_id: 17, user_email: "anna@example.com", role: "barber", location_id: 3 });
        add_context(&BookingContext { appointment_id: 17, user_id: 4, location_id: 3 });
        add_context(("business", [("service_type", "haircut"), ("integration_type", "google_calendar")]));
        capture_message("a message", Level::Info);
        let _ = process_payment("pay_123", 45.0, "EUR", false);
    });
    assert_eq!(sent.events.len(), 2);
    for event in &sent.events {
        let user = serde_json::to_value(&event.user).expect("JSON");
        assert_eq!(user, json!({ "id": "17", "email": "anna@example.com", "role": "barber", "location_id": 3 }));
        assert_eq!(tag(event, "user.role"), Some("barber"));
        assert_eq!(context(event, "booking")["appointment_id"], 17);
        let business = json!({ "service_type": "haircut", "integration_type": "google_calendar" });
        assert_eq!(context(event, "business"), business);
    }
}

#[test]
fn scoped_contexts_for_temporary_data() {
    let sent = capture(|| {
        with_scope(|| {
            set_tag("payment_method", "stripe");
            let _ = process_payment("pay_123", 45.0, "EUR", false);
        });
        capture_message("after", Level::Info);
    });
    assert_eq!(
        sent.events.iter().map(|event| tag(event, "payment_method")).collect::<Vec<_>>(),
        [Some("stripe"), None]
    );
}

#[tokio::test]
async fn scoped_contexts_of_futures() {
    let sent = capture_async(async {
        let payment = |method: &'static str| async move {
            set_tag("payment_method", method);
            tokio::task::yield_now().await;
            capture_message(method, Level::Info);
        };
        tokio::join!(payment("stripe").with_scope(), payment("cash").with_scope());
        capture_message("after", Level::Info);
    })
    .await;
    let mut methods: Vec<_> =
        sent.events.iter().map(|event| (event.message.as_deref(), tag(event, "payment_method"))).collect();
    methods.sort();
    assert_eq!(methods, [(Some("after"), None), (Some("cash"), Some("cash")), (Some("stripe"), Some("stripe"))]);
}

#[test]
fn a_context_stays_with_its_function() {
    let sent = capture(|| {
        let _ = process_payment("pay_123", 45.0, "EUR", false);
        capture_message("after", Level::Info);
    });
    assert!(!sent.events[1].contexts.contains_key("payment"), "{:?}", sent.events[1].contexts);
}
