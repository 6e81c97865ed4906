//! `#[derive(SentryContext)]`: what of a struct is on the event.

use std::fmt;

use sentry_core::protocol::{Context, Event, Value};
use serde_json::json;
use watchpost::{SentryContext, add_context};

/// The event that is captured where `context` was added, its contexts and tags as JSON.
fn captured(context: &impl SentryContext) -> (Value, Value) {
    let events = sentry_core::test::with_captured_events(|| {
        add_context(context);
        sentry_core::capture_message("a message", sentry_core::Level::Info);
    });
    let Event { mut contexts, tags, .. } = events.into_iter().next().expect("an event");
    contexts.retain(|_, context| matches!(context, Context::Other(_)));
    let mut contexts = serde_json::to_value(contexts).expect("contexts");
    for context in contexts.as_object_mut().into_iter().flat_map(|contexts| contexts.values_mut()) {
        // What the SDK says of every context that it has no type for.
        assert_eq!(context.as_object_mut().and_then(|context| context.remove("type")), Some(json!("unknown")));
    }
    (contexts, serde_json::to_value(tags).expect("tags"))
}

#[derive(Debug, Clone, Copy)]
enum Currency {
    Eur,
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EUR")
    }
}

/// An amount that knows neither `Display` nor `ToValue`.
#[derive(Debug)]
struct Cents(#[expect(dead_code, reason = "by Debug alone")] u32);

#[derive(SentryContext)]
#[context(name = "payment")]
struct PaymentContext<'a> {
    payment_id: &'a str,
    #[context(tag)]
    currency: Currency,
    #[context(debug)]
    amount: Cents,
    attempt: u32,
    stripe_error_code: Option<&'a str>,
    #[context(display, rename = "currency_again")]
    shown: &'a Currency,
    #[context(skip)]
    #[expect(dead_code, reason = "skipped")]
    password: &'a str,
}

fn payment<'a>() -> PaymentContext<'a> {
    PaymentContext {
        payment_id: "pay_1",
        currency: Currency::Eur,
        amount: Cents(1250),
        attempt: 2,
        stripe_error_code: None,
        shown: &Currency::Eur,
        password: "hunter2",
    }
}

#[test]
fn a_struct_is_a_context_with_tags() {
    let (contexts, tags) = captured(&payment());
    assert_eq!(
        contexts,
        json!({ "payment": {
            "payment_id": "pay_1", "currency": "EUR", "amount": "Cents(1250)", "attempt": 2, "currency_again": "EUR",
        } })
    );
    assert_eq!(tags, json!({ "payment.currency": "EUR" }));
}

#[test]
fn the_name_is_the_struct_s_without_context() {
    #[derive(SentryContext)]
    struct HTTPRequestContext {
        r#loop: u8,
    }
    assert_eq!(captured(&HTTPRequestContext { r#loop: 1 }).0, json!({ "http_request": { "loop": 1 } }));
}

#[test]
fn options_are_what_they_hold_or_nothing() {
    #[derive(SentryContext)]
    struct Booking<'a> {
        bare: Option<u8>,
        #[context(display)]
        shown: &'a Option<Currency>,
        #[context(debug)]
        debugged: Option<&'a Currency>,
        #[context(tag)]
        service: ::core::option::Option<String>,
        #[context(exposed)]
        email: Option<&'a str>,
    }
    let all = Booking {
        bare: Some(1),
        shown: &Some(Currency::Eur),
        debugged: Some(&Currency::Eur),
        service: Some("haircut".into()),
        email: Some("a@example.com"),
    };
    let (contexts, tags) = captured(&all);
    let exposed = contexts["booking"]["email"].as_str().expect("an email").to_owned();
    assert!(exposed.contains("a@example.com"), "{exposed}");
    assert_eq!(
        contexts,
        json!({ "booking": { "bare": 1, "shown": "EUR", "debugged": "Eur", "service": "haircut", "email": exposed } })
    );
    assert_eq!(tags, json!({ "booking.service": "haircut" }));

    let none = Booking { bare: None, shown: &None, debugged: None, service: None, email: None };
    assert_eq!(captured(&none), (json!({ "booking": {} }), json!({})));
}

#[test]
fn a_tag_of_the_context_before_is_taken_off() {
    #[derive(SentryContext)]
    struct Booking {
        #[context(tag)]
        service: Option<&'static str>,
        id: u8,
    }
    let events = sentry_core::test::with_captured_events(|| {
        add_context(&Booking { service: Some("haircut"), id: 1 });
        add_context(&Booking { service: None, id: 2 });
        sentry_core::capture_message("a message", sentry_core::Level::Info);
    });
    assert!(events[0].tags.is_empty(), "{:?}", events[0].tags);
}

#[test]
fn contexts_inside_contexts() {
    #[derive(SentryContext)]
    struct Card {
        #[context(tag)]
        brand: &'static str,
    }
    #[derive(SentryContext)]
    struct Line<T> {
        price: T,
    }
    #[derive(SentryContext)]
    struct Order<'a, T> {
        #[context(flatten)]
        first: Line<T>,
        #[context(nested)]
        rest: Vec<Line<T>>,
        #[context(nested, rename = "paid_with")]
        card: Option<&'a Card>,
        #[context(flatten)]
        none: Option<Card>,
    }
    let order = Order {
        first: Line { price: 1 },
        rest: vec![Line { price: 2 }, Line { price: 3 }],
        card: Some(&Card { brand: "visa" }),
        none: None,
    };
    let (contexts, tags) = captured(&order);
    assert_eq!(
        contexts,
        json!({ "order": { "price": 1, "rest": [{ "price": 2 }, { "price": 3 }], "paid_with": { "brand": "visa" } } })
    );
    assert_eq!(tags, json!({ "card.brand": "visa" }));
}

#[test]
fn tuples_and_generics() {
    #[derive(SentryContext)]
    struct Wrapper<'a, T: ?Sized, const N: usize>(
        #[context(rename = "value", display)] &'a T,
        #[context(rename = "list")] [u8; N],
        #[context(skip)] std::marker::PhantomData<T>,
    );
    assert_eq!(
        captured(&Wrapper("text", [1, 2], std::marker::PhantomData)).0,
        json!({ "wrapper": { "value": "text", "list": [1, 2] } })
    );

    // What is not recorded needs nothing.
    struct Opaque;
    #[derive(SentryContext)]
    struct Sparse<A, B, C> {
        a: A,
        #[context(debug)]
        b: Option<B>,
        #[context(skip)]
        _c: C,
    }
    assert_eq!(captured(&Sparse { a: 1, b: Some('x'), _c: Opaque }).0, json!({ "sparse": { "a": 1, "b": "'x'" } }));

    #[derive(SentryContext)]
    struct Chain<T> {
        value: T,
        #[context(nested)]
        next: Option<Box<Chain<T>>>,
    }
    let chain = Chain { value: 1, next: Some(Box::new(Chain { value: 2, next: None })) };
    assert_eq!(captured(&chain).0, json!({ "chain": { "value": 1, "next": { "value": 2 } } }));
}

#[test]
fn guarded_values_leave_as_the_word_says() {
    #[derive(SentryContext)]
    struct Login<'a> {
        #[context(masked)]
        email: &'a str,
        #[context(hashed, tag)]
        session_id: &'a str,
        #[context(exposed, tag)]
        token: u32,
    }
    let login = Login { email: "anna@example.com", session_id: "s1", token: 17 };
    let (contexts, tags) = captured(&login);
    let login = &contexts["login"];
    assert_eq!(login["email"], "an***om");
    assert!(login["session_id"].as_str().is_some_and(|hash| hash.starts_with("hash")), "{login}");
    assert_eq!(login["session_id"], tags["login.session_id"]);
    // The redactor takes a mark off an exposed value.
    let token = login["token"].as_str().expect("text");
    assert!(token.ends_with("17") && token.len() > 2, "{token:?}");
    assert_eq!(login["token"], tags["login.token"]);
}

/// As a crate that re-exports ours would have it.
mod reexported {
    pub(super) use ::watchpost as monitoring;
}

#[test]
fn another_path_to_the_crate() {
    #[derive(SentryContext)]
    #[context(crate = crate::derived_context::reexported::monitoring)]
    struct Elsewhere {
        id: u8,
    }
    assert_eq!(captured(&Elsewhere { id: 1 }).0, json!({ "elsewhere": { "id": 1 } }));
}

#[test]
fn a_context_added_twice_is_replaced() {
    let events = sentry_core::test::with_captured_events(|| {
        add_context(("booking", [("service", "haircut"), ("channel", "web")]));
        add_context(("booking", [("service", "shave")]));
        sentry_core::capture_message("a message", sentry_core::Level::Info);
    });
    let Some(Context::Other(booking)) = events[0].contexts.get("booking") else { panic!("no context") };
    assert_eq!(serde_json::to_value(booking).expect("JSON"), json!({ "service": "shave" }));
}
