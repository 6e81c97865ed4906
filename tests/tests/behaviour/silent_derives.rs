//! What the derives write is silent under every lint that people turn on: `cargo clippy --all-targets` fails here if it is not.
#![deny(warnings, clippy::pedantic, clippy::nursery, missing_docs, missing_debug_implementations, unreachable_pub)]
#![deny(unused_qualifications, single_use_lifetimes, trivial_casts, unused_lifetimes, let_underscore_drop)]

use std::fmt;

use watchpost::{Classify, SentryContext, SentryUser};

#[derive(Debug, SentryContext)]
struct Slot {
    start: u64,
}

#[derive(Debug, SentryContext)]
#[context(name = "booking")]
struct Booking<'a, T, const N: usize>
where
    T: Copy,
{
    id: T,
    #[context(tag)]
    service: Option<&'a str>,
    #[context(tag, debug)]
    shown: T,
    #[context(display)]
    by_display: Option<Box<str>>,
    #[context(masked)]
    email: &'a str,
    #[context(hashed)]
    phone: Option<&'a str>,
    #[context(nested)]
    slots: [Slot; N],
    #[context(flatten)]
    first: Option<Slot>,
}

#[derive(Debug, SentryUser)]
struct Claims<T> {
    #[user(id)]
    sub: T,
    #[user(email)]
    mail: Option<String>,
    #[user(tag)]
    role: Option<T>,
    location_id: u32,
}

#[derive(Debug, Clone, Copy, Classify)]
#[classify(category = "payment", retry = "later")]
enum PaymentError<E> {
    #[classify(level = "warning", status = "failed_precondition", http = 402, fingerprint = ["declined"])]
    Declined,
    #[classify(ignore)]
    Cancelled { at: u8 },
    #[classify(delegate)]
    Gateway(E),
}

#[derive(Debug, Clone, Copy, Classify)]
#[classify(expected)]
struct Timeout;

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("timeout")
    }
}

#[test]
fn they_work_all_the_same() {
    let slots = [Slot { start: 1 }, Slot { start: 2 }];
    let booking = Booking {
        id: 1,
        service: Some("haircut"),
        shown: 2,
        by_display: None,
        email: "anna@example.com",
        phone: None,
        slots,
        first: None,
    };
    assert_eq!(booking.name(), "booking");
    watchpost::add_context(&booking);
    watchpost::set_user(&Claims { sub: 17, mail: None, role: None, location_id: 3 });
    let errors = [PaymentError::Declined, PaymentError::Cancelled { at: 1 }, PaymentError::Gateway(Timeout)];
    let ignored = errors.map(|error| {
        let policy = error.classify();
        policy.ignore || policy.expected
    });
    assert_eq!(ignored, [false, true, true]);
    let PaymentError::Cancelled { at } = errors[1] else { return };
    assert_eq!(at, 1);
}
