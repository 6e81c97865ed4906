//! What an error event says.

use std::fmt;

use sentry_core::Level;
use sentry_core::protocol::{Context, Event, Exception, SpanStatus, Value};
use watchpost::testing::{Captured, capture};
use watchpost::{SentryContext, ToValue as _, capture_errors, monitor_performance};

#[derive(Debug)]
pub(crate) enum PaymentError {
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
pub(crate) struct GatewayError {
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

#[test]
fn the_trace_is_the_exact_innermost_span() {
    #[monitor_performance("outer")]
    fn outer() {
        let _ = inner();
        sentry_core::capture_message("foreign", Level::Info);
    }
    #[monitor_performance("inner")]
    #[capture_errors]
    fn inner() -> Result<(), PaymentError> {
        Err(PaymentError::Unreachable)
    }
    let sent = capture(outer);
    let trace = |event: &Event<'_>| match event.contexts.get("trace") {
        Some(Context::Trace(trace)) => (trace.trace_id, trace.span_id),
        other => panic!("no trace: {other:?}"),
    };
    let [outer, inner] = ["outer", "inner"].map(|name| sent.span(name).unwrap());
    assert_eq!(trace(&sent.events[0]), (inner.trace, inner.id));
    assert_eq!(trace(&sent.events[1]), (outer.trace, outer.id));
    assert_eq!(inner.status, Some(SpanStatus::InternalError));
}

#[test]
fn what_a_call_says_of_its_error_stands_before_what_the_scope_says_of_everything() {
    let sent = capture(|| {
        watchpost::set_tag("currency", "of the scope");
        watchpost::add_context(("payment", [("payment_id", "of the scope")]));
        watchpost::set_tag("kept", "yes");
        let _ = charge(500, "eur");
        let _ = sentry_core::capture_message("later", Level::Info);
    });
    let (event, later) = (&sent.events[0], &sent.events[1]);
    assert_eq!((&*event.tags["currency"], &*event.tags["kept"]), ("eur", "yes"));
    assert_eq!(fields(event, "payment")[1], ("payment_id", &"pay_1".into()));
    assert_eq!((later.tags["currency"].as_str(), later.tags.get("provider")), ("of the scope", None));
}

#[test]
fn what_is_too_long_or_not_allowed_is_cut_and_cleaned() {
    #[capture_errors(tags(note = note), fields(empty = ""))]
    fn long(note: &str) -> Result<(), String> {
        Err("é".repeat(10_000))
    }
    let sent = capture(|| drop(long(&format!("a\nb{}", "é".repeat(300)))));
    let event = only(&sent);
    let note = &event.tags["note"];
    assert!(note.starts_with("a b") && note.chars().count() == 200, "{note}");
    assert!(outermost(event).value.as_ref().unwrap().len() <= 8192);
    let sent = capture(|| drop(long(" ")));
    assert_eq!(only(&sent).tags.get("note"), None, "Sentry takes no empty value");
}

#[test]
fn arguments_stay_at_home_if_they_shall() {
    let config = watchpost::Config::from_vars([("SENTRY_DSN", "https://a@sentry.invalid/1")]).unwrap();
    let sent = watchpost::testing::capture_with(config.include_local_variables(false).client_options(), || {
        let _ = charge(500, "eur");
    });
    let frames = &outermost(only(&sent)).stacktrace.as_ref().unwrap().frames;
    assert!(frames.iter().all(|frame| frame.vars.is_empty()), "{frames:?}");
}

#[test]
fn late_expressions_are_asked_on_the_error_path_alone() {
    #[capture_errors(category = "late", late, fields(amount), args(amount), tags(kind = kind_of(err)), fingerprint = ["late", kind_of(err)])]
    fn late(amount: u32, well: bool) -> Result<u32, PaymentError> {
        if well { Ok(amount) } else { Err(PaymentError::Declined { code: "51".into() }) }
    }
    fn kind_of(err: &PaymentError) -> &'static str {
        match err {
            PaymentError::Declined { .. } => "declined",
            _ => "other",
        }
    }
    let sent = capture(|| {
        assert_eq!(late(1, true).unwrap(), 1);
        assert!(late(2, false).is_err());
    });
    let event = only(&sent);
    assert_eq!(fields(event, "late_error")[0], ("amount", &2.into()));
    assert_eq!(event.tags["kind"], "declined");
    assert_eq!(&*event.fingerprint, ["late", "declined"]);
    let stack = outermost(event).stacktrace.as_ref().unwrap();
    assert_eq!(stack.frames[0].vars["amount"], 2);
}

#[test]
fn ignored_errors_are_no_events_and_still_failures() {
    #[capture_errors(ignore = PaymentError::Declined { .. } | PaymentError::Unreachable)]
    fn ignores(err: PaymentError) -> Result<(), PaymentError> {
        Err(err)
    }
    #[monitor_performance]
    #[capture_errors]
    fn outer(err: PaymentError) -> Result<(), PaymentError> {
        ignores(err)
    }
    let sent = capture(|| {
        let _ = outer(PaymentError::Declined { code: "x".into() });
        let _ = outer(PaymentError::Unreachable);
    });
    assert!(sent.events.is_empty(), "what the inner function let go, the outer does not take up: {:?}", sent.events);
    assert!(sent.spans.iter().all(|span| span.status == Some(SpanStatus::InternalError)));
    let sent = capture(|| drop(outer(GatewayError { status: 502 }.into())));
    assert_eq!(outermost(only(&sent)).ty, "PaymentError::Gateway");
}

#[test]
fn a_real_stack_has_the_annotated_functions_in_their_places() {
    let options = watchpost::testing::options().attach_stacktrace(true);
    let sent = watchpost::testing::capture_with(options, || plain(&mut 0));
    #[inline(never)]
    fn plain(calls: &mut u32) {
        *calls += 1;
        let _ = book();
    }
    let frames = &outermost(only(&sent)).stacktrace.as_ref().unwrap().frames;
    let names: Vec<_> = frames.iter().map(|frame| (frame.function.as_deref().unwrap_or(""), frame.in_app)).collect();
    let inner: Vec<_> =
        names.iter().rev().take(3).rev().map(|(name, in_app)| (name.rsplit("::").next().unwrap(), *in_app)).collect();
    assert_eq!(inner, [("plain", Some(true)), ("book", Some(true)), ("charge", Some(true))], "{names:#?}");
    assert_eq!(frames.last().unwrap().vars["currency"], "eur");
    for (name, _) in &names {
        assert!(!name.contains("watchpost::") && !name.contains("backtrace"), "{names:#?}");
    }
    let book = &frames[frames.len() - 2];
    assert_eq!(book.module.as_deref(), Some("behaviour::errors"));
    assert!(book.lineno.unwrap() > 76, "where in it the stack goes on, not where it begins: {book:?}");
}

#[test]
fn outside_of_annotated_functions_there_is_no_stack_and_no_empty_list() {
    let sent = capture(|| {
        watchpost::capture_error(&PaymentError::Unreachable).send();
        watchpost::capture_message("hello", Level::Info);
    });
    assert_eq!(outermost(&sent.events[0]).stacktrace, None);
    assert_eq!((sent.events[1].message.as_deref(), sent.events[1].level), (Some("hello"), Level::Info));
}

#[test]
fn a_function_that_only_captures_is_no_span_and_no_transaction() {
    #[monitor_performance]
    fn below() {}
    #[monitor_performance]
    async fn below_later() {
        tokio::task::yield_now().await;
    }
    #[capture_errors]
    fn fails() -> Result<(), PaymentError> {
        below();
        watchpost::span("function", "built").run(|| {});
        let carry = watchpost::carry();
        std::thread::scope(|threads| threads.spawn(|| carry.run(below)).join()).unwrap();
        Err(PaymentError::Unreachable)
    }
    #[capture_errors]
    async fn fails_later() -> Result<(), PaymentError> {
        below();
        tokio::task::yield_now().await;
        below_later().await;
        fails()
    }
    let names = |sent: &Captured| -> Vec<String> {
        sent.transactions.iter().map(|one| one.name.clone().unwrap_or_default()).collect()
    };
    let sent = capture(|| drop(fails()));
    assert_eq!(names(&sent), ["below", "built", "below"]);
    assert_eq!(only(&sent).transaction.as_deref(), Some("fails"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let sent = runtime.block_on(watchpost::testing::capture_async(async { drop(fails_later().await) }));
    assert_eq!(names(&sent), ["below", "below_later", "below", "built", "below"]);
    only(&sent);
    let sent = capture(|| {
        #[monitor_performance]
        fn root() -> Result<(), PaymentError> {
            fails()
        }
        drop(root());
    });
    assert_eq!(names(&sent), ["root"]);
    assert_eq!(only(&sent).transaction.as_deref(), Some("root"));
}
