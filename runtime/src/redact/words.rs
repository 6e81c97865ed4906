//! The three words that a programmer says about a value whose key looks secret.
//!
//! A mask and a hash are known again by their form, so that the redactor leaves them alone wherever they stand. An exposed value
//! looks like any other; as a field or as a guarded tag it therefore carries a mark of three characters that nobody sees or types. The
//! redactor takes the mark off and lets the value pass under a secret key. Rules about a value's shape still hold, e-mail addresses
//! aside: an exposed card number does not leave.

use std::fmt;

use sentry_core::protocol::Value;

use super::cover::{hash_unkeyed, mask};
use crate::ToValue;

/// Before an exposed value: INVISIBLE SEPARATOR, INVISIBLE PLUS, INVISIBLE SEPARATOR.
pub(super) const EXPOSED: &str = "\u{2063}\u{2064}\u{2063}";

/// A value that a word (`masked`, `hashed`, `exposed`) has made fit to leave.
///
/// It holds nothing but what may leave: the clear text of a masked or hashed value is gone.
#[derive(Clone)]
pub struct Guarded(Word);

#[derive(Clone)]
enum Word {
    /// Masked or hashed.
    Covered(String),
    Exposed(String),
}

impl Guarded {
    /// The text as it is handed to what sends it: an exposed value with its mark.
    pub(crate) fn marked(&self) -> String {
        match &self.0 {
            Word::Covered(text) => text.clone(),
            Word::Exposed(text) => [EXPOSED, text].concat(),
        }
    }
}

impl ToValue for Guarded {
    fn to_value(&self) -> Value {
        Value::from(self.marked())
    }
}

impl fmt::Display for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Word::Covered(text) | Word::Exposed(text)) = &self.0;
        f.pad(text)
    }
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Word::Covered(text) => f.debug_tuple("Guarded").field(text).finish(),
            Word::Exposed(text) => f.debug_tuple("Exposed").field(text).finish(),
        }
    }
}

/// The value's ends: `ab***yz` from 12 characters on, `a***z` from 8 on, else `***`.
///
/// ```
/// assert_eq!(watchpost::redact::masked("bob.smith@example.com").to_string(), "bo***om");
/// ```
pub fn masked<T: fmt::Display + ?Sized>(value: &T) -> Guarded {
    Guarded(Word::Covered(mask(&value.to_string())))
}

/// A keyed hash of the value: equal values stay equal, none can be read.
///
/// What leaves is `hash:` and 32 hexadecimal digits under the key of the redactor on the way out ([`Redactor::hash_key`]); until
/// then it is `hash0:` and a hash without a key. The algorithm is SipHash-2-4 with 128 bits.
///
/// [`Redactor::hash_key`]: super::Redactor::hash_key
pub fn hashed<T: fmt::Display + ?Sized>(value: &T) -> Guarded {
    Guarded(Word::Covered(hash_unkeyed(&value.to_string())))
}

/// The value as it is, under a key that looks secret: a decision that can be found by its name.
///
/// It holds for the key, and for an e-mail address in the value. What else is secret by its shape (a card number, a token) is
/// redacted nevertheless.
pub fn exposed<T: fmt::Display + ?Sized>(value: &T) -> Guarded {
    Guarded(Word::Exposed(value.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{exposed, hashed, masked};
    use crate::ToValue;

    #[test]
    fn a_word_keeps_no_clear_text() {
        for guarded in [masked("bob.smith@example.com"), hashed("bob.smith@example.com")] {
            for text in [guarded.to_string(), format!("{guarded:?}"), guarded.to_value().to_string(), guarded.marked()]
            {
                assert!(!text.contains("smith"), "{text}");
            }
        }
        assert_eq!(masked("bob.smith@example.com").to_string(), "bo***om");
        assert_eq!(hashed(&1).to_string(), hashed("1").to_string());
        assert_ne!(hashed(&1).to_string(), hashed(&2).to_string());
    }

    #[test]
    fn an_exposed_value_is_marked_where_it_is_sent() {
        let guarded = exposed(&4711);
        assert_eq!(guarded.to_string(), "4711");
        assert_eq!(format!("{guarded:?}"), "Exposed(\"4711\")");
        assert_ne!(guarded.to_value(), "4711");
        assert!(guarded.marked().ends_with("4711"));
    }
}
