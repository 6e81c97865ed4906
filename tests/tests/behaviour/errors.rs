//! What an error event says.

use std::fmt;

use sentry_core::Level;
use sentry_core::protocol::{Context, Event, Exception, SpanStatus, Value};
use watchpost::testing::{Captured, capture};
use watchpost::{SentryContext, ToValue as _, capture_errors, monitor_performance};

#[derive(Debug)]
pub enum PaymentError {
    Declined { code: String },
    Gateway(GatewayError),
    Unreachable,
}
impl fmt::Display for PaymentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined { code } => write!(f, "card declined: {code}"),
            Self::Gateway(_) => f.write_str("the gateway failed"),
            Self::Unreachable => f.write_str("unreachable"),
        }
    }
}
impl std::error::Error for PaymentError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Gateway(err) => Some(err),
            _ => None,
        }
    }
}
#[derive(Debug)]
pub struct GatewayError {
    status: u16,
}
impl fmt::Display for GatewayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)
    }
}
impl std::error::Error for GatewayError {}
impl From<GatewayError> for PaymentError {
    fn from(err: GatewayError) -> Self {
        Self::Gateway(err)
    }
}

struct PaymentContext {
    payment_id: &'static str,
    amount: u32,
}
impl SentryContext for PaymentContext {
    fn name(&self) -> &'static str {
        "payment"
    }
    fn fields(&self, fields: &mut watchpost::Fields) {
        fields.field("payment_id", self.payment_id.to_value());
        fields.field("amount", self.amount.to_value());
        fields.tag("payment.kind", "card");
    }
}

#[capture_errors(category = "payment", level = "warning", tags(currency, provider = "stripe"), fields(attempt = 2), context = PaymentContext { payment_id: "pay_1", amount }, args(amount, currency))]
fn charge(amount: u32, currency: &str) -> Result<(), PaymentError> {
    let _ = currency;
    ask_gateway(amount)?;
    Ok(())
}

fn ask_gateway(amount: u32) -> Result<(), GatewayError> {
    if amount > 100 { Err(GatewayError { status: 503 }) } else { Ok(()) }
}

#[capture_errors(category = "booking", tags(currency = "outer", shop = "berlin"), fields(booking_id = 17))]
fn book() -> Result<(), PaymentError> {
    charge(4200, "eur")
}

fn only(sent: &Captured) -> &Event<'static> {
    assert_eq!(sent.events.len(), 1, "{:#?}", sent.events);
    &sent.events[0]
}

fn fields<'a>(event: &'a Event<'_>, context: &str) -> Vec<(&'a str, &'a Value)> {
    match event.contexts.get(context) {
        Some(Context::Other(fields)) => fields.iter().map(|(key, value)| (key.as_str(), value)).collect(),
        other => panic!("no context {context}: {other:?}"),
    }
}

fn outermost<'a>(event: &'a Event<'_>) -> &'a Exception {
    event.exception.values.last().expect("an exception")
}

#[test]
fn an_event_says_what_failed_where_and_with_what() {
    let sent = capture(|| {
        let _ = book();
    });
    let event = only(&sent);
    println!("{}", serde_json::to_string_pretty(event).unwrap());
    assert_eq!(event.level, Level::Warning);
    let types: Vec<_> = event.exception.iter().map(|one| (one.ty.as_str(), one.value.as_deref().unwrap())).collect();
    assert_eq!(types, [("GatewayError", "status 503"), ("PaymentError::Gateway", "the gateway failed")]);
    let exception = outermost(event);
    assert_eq!(exception.module.as_deref(), Some("behaviour::errors"));
    let mechanism = exception.mechanism.as_ref().unwrap();
    assert_eq!((mechanism.ty.as_str(), mechanism.handled), ("watchpost", Some(true)));
    let tags = ["error.category", "currency", "provider", "shop", "payment.kind"];
    let said: Vec<_> = tags.iter().map(|tag| event.tags.get(*tag).map(String::as_str)).collect();
    assert_eq!(said, [Some("payment"), Some("eur"), Some("stripe"), Some("berlin"), Some("card")]);
    assert_eq!(fields(event, "payment"), [("amount", &4200.into()), ("payment_id", &"pay_1".into())]);
    assert_eq!(
        fields(event, "payment_error"),
        [("attempt", &2.into()), ("booking_id", &17.into()), ("error_type", &"PaymentError::Gateway".into())]
    );
}
