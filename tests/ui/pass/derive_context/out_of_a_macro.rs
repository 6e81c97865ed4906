// What `macro_rules` passes on arrives in invisible groups, with spans of two places.
#![deny(warnings)]

use watchpost::{Classify, SentryContext, SentryUser};

macro_rules! context {
    ($name:ident { $($field:ident: $ty:ty),* }) => {
        #[derive(SentryContext)]
        struct $name<'a> {
            $(#[context(tag)] $field: $ty,)*
            plain: &'a str,
        }
    };
}
context!(Booking { service: Option<&'a str>, slot: u32 });

macro_rules! user {
    ($ty:ty, $variant:ident, $inner:ty) => {
        #[derive(SentryUser)]
        struct Claims {
            #[user(id)]
            sub: $ty,
        }
        #[derive(Classify)]
        enum Failure {
            #[classify(delegate)]
            $variant($inner),
        }
    };
}
user!(Option<u64>, Inner, Box<Timeout>);

#[derive(Classify)]
#[classify(category = "inner")]
struct Timeout;

fn main() {
    watchpost::add_context(&Booking { service: None, slot: 1, plain: "x" });
    watchpost::set_user(&Claims { sub: Some(1) });
    assert_eq!(Failure::Inner(Box::new(Timeout)).classify().category, Some("inner"));
}
