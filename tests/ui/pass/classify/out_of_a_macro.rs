//! What a macro hands on stands in brackets that nobody sees: literals are found in them.

#![deny(warnings)]

macro_rules! error {
    ($name:ident, $category:literal, $level:expr, $http:literal, $retry:expr, [$($part:expr),*]) => {
        #[derive(Debug, watchpost::Classify)]
        pub enum $name {
            #[classify(category = $category, level = $level, http = $http, retry = $retry, fingerprint = [$($part),*])]
            Declined,
        }
    };
}

error!(PaymentError, "payment", "warning", 402, "never", ["payment", "declined"]);

macro_rules! call {
    ($attribute:meta, $name:literal, $op:expr, $slow:literal, $key:ident = $value:expr, $call:ident $body:block) => {
        #[watchpost::monitor_performance($name, op = $op, slow = $slow, fields($key = $value))]
        #[$attribute]
        pub fn $call() -> Result<u32, PaymentError> $body
    };
}

call!(watchpost::capture_errors(category = "payment"), "pay", "payment", "2s", amount = 3 + 4, pay {
    Err(PaymentError::Declined)
});

fn main() {
    assert!(pay().is_err());
}
