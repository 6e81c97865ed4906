// No prelude, and modules of the user's with the names that an expansion would reach for.
#![no_implicit_prelude]
#![deny(warnings)]
#![forbid(unsafe_code)]

mod core {}
mod std {}
mod watchpost {}

pub struct Option;
pub struct Fields;
pub trait Display {}

mod contexts {
    #[derive(::watchpost::SentryContext)]
    #[context(name = "slot")]
    pub struct Slot {
        pub start: u64,
    }

    #[derive(::watchpost::SentryContext)]
    pub struct Booking<'a, T> {
        pub id: T,
        #[context(tag)]
        pub service: ::core::option::Option<&'a str>,
        #[context(debug)]
        pub shown: ::core::option::Option<T>,
        #[context(masked)]
        pub email: &'a str,
        #[context(nested)]
        pub slot: Slot,
        #[context(flatten)]
        pub other: Slot,
    }

    #[derive(::watchpost::SentryUser)]
    pub struct Claims<'a> {
        #[user(id)]
        pub sub: u64,
        #[user(email)]
        pub email: ::core::option::Option<&'a str>,
        #[user(tag)]
        pub role: &'a str,
        pub location_id: u32,
    }

    #[derive(::watchpost::Classify)]
    #[classify(category = "payment")]
    pub enum PaymentError {
        #[classify(level = "warning", status = "failed_precondition", http = 402, retry = "never")]
        Declined,
        #[classify(ignore)]
        Cancelled { at: u64 },
        #[classify(delegate)]
        Gateway(#[source] Timeout),
    }

    #[derive(::watchpost::Classify)]
    #[classify(fingerprint = ["timeout"])]
    pub struct Timeout;
}

use contexts::{Booking, Claims, PaymentError, Slot, Timeout};

fn main() {
    use ::core::option::Option::Some;
    let email = "anna@example.com";
    let (slot, other) = (Slot { start: 1 }, Slot { start: 2 });
    ::watchpost::add_context(&Booking { id: 1, service: Some("haircut"), shown: Some(1), email, slot, other });
    ::watchpost::set_user(&Claims { sub: 17, email: Some(email), role: "barber", location_id: 3 });
    for error in [PaymentError::Declined, PaymentError::Cancelled { at: 1 }, PaymentError::Gateway(Timeout)] {
        let _ = ::watchpost::Classify::classify(&error);
    }
}
