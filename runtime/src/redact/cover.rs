//! What takes a secret's place, and how such a place is known again.

use std::borrow::Cow;
use std::fmt::Write;

use super::siphash::siphash;

/// What stands where a secret stood.
pub(super) const REDACTED: &str = "[REDACTED]";
const STARS: &str = "***";

/// Before the hash of a value under the redactor's key.
const KEYED: &str = "hash:";
/// Before the hash that `hashed(..)` takes at once, without the redactor's key.
const UNKEYED: &str = "hash0:";

/// What takes a secret's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// `[REDACTED]`.
    #[default]
    Replace,
    /// The value's ends: `ab***yz` from 12 characters on, `a***z` from 8 on, else `***`.
    Mask,
    /// A keyed hash, so that equal values stay equal: `hash:` and 32 hexadecimal digits.
    Hash,
}

impl Mode {
    pub(super) fn cover(self, secret: &str, key: [u64; 2]) -> Cow<'static, str> {
        match self {
            Mode::Replace => Cow::Borrowed(REDACTED),
            Mode::Mask => Cow::Owned(mask(secret)),
            Mode::Hash => Cow::Owned(hash(secret, key)),
        }
    }
}

/// The value's ends, fewer the shorter it is.
pub(super) fn mask(secret: &str) -> String {
    let length = secret.chars().count();
    // The ends of something with quotes or brackets would tell nothing and tear its surroundings.
    let is_plain = !secret.contains(['"', '\'', '`', '\\', '{', '}', '[', ']', '(', ')', '<', '>', '*', '\n']);
    let shown = match length {
        _ if !is_plain => 0,
        0..8 => 0,
        8..12 => 1,
        _ => 2,
    };
    let mut masked: String = secret.chars().take(shown).collect();
    masked.push_str(STARS);
    masked.extend(secret.chars().skip(length - shown));
    masked
}

/// The value's hash under the redactor's key.
pub(super) fn hash(secret: &str, key: [u64; 2]) -> String {
    written(KEYED, siphash(key, secret.as_bytes()))
}

/// The value's hash before any redactor is known; on the way out [`rekeyed`] replaces it.
pub(super) fn hash_unkeyed(secret: &str) -> String {
    written(UNKEYED, siphash([0x7761_7463_6870_6f73, 0x7420_6861_7368_6564], secret.as_bytes()))
}

/// The keyed hash for one that was taken without a key.
pub(super) fn rekeyed(unkeyed: &str, key: [u64; 2]) -> String {
    hash(unkeyed, key)
}

/// Where the unkeyed hash around the `:` at `colon` begins and ends, if there is one.
pub(super) fn unkeyed_at(text: &[u8], colon: usize) -> Option<(usize, usize)> {
    let start = (colon + 1).checked_sub(UNKEYED.len())?;
    let end = colon + 1 + HEX_DIGITS;
    let digits = text.get(colon + 1..end)?;
    let begins = start == 0 || !text[start - 1].is_ascii_alphanumeric();
    (begins && text[start..].starts_with(UNKEYED.as_bytes()) && digits.iter().all(u8::is_ascii_hexdigit))
        .then_some((start, end))
}

/// Whether the value already is a replacement, a mask or a hash, so that nothing is left to hide.
pub(super) fn is_covered(value: &str) -> bool {
    // Brackets do not stay as they are in every part of a URL.
    if matches!(value, REDACTED | "%5BREDACTED%5D") {
        return true;
    }
    if let Some(digits) = value.strip_prefix(KEYED).or_else(|| value.strip_prefix(UNKEYED)) {
        return digits.len() == HEX_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    match value.split_once(STARS) {
        Some((head, tail)) => [head, tail].iter().all(|end| end.chars().count() <= 2 && !end.contains('*')),
        None => false,
    }
}

const HEX_DIGITS: usize = 32;

fn written(prefix: &str, hash: [u8; 16]) -> String {
    let mut text = String::with_capacity(prefix.len() + HEX_DIGITS);
    text.push_str(prefix);
    for byte in hash {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Mode, REDACTED, hash, hash_unkeyed, is_covered, mask, rekeyed, unkeyed_at};

    #[test]
    fn a_mask_shows_less_of_a_short_value() {
        assert_eq!(mask(""), "***");
        assert_eq!(mask("hunter2"), "***");
        assert_eq!(mask("hunter22"), "h***2");
        assert_eq!(mask("bob.smith@example.com"), "bo***om");
        assert_eq!(mask("{\"user\": 17, \"x\": 2}"), "***");
        assert_eq!(mask("ねこはとてもかわいいですよ"), "ねこ***すよ");
    }

    #[test]
    fn every_cover_is_known_again() {
        for secret in ["", "x", "hunter2", "4111111111111111", "パスワードはひみつですよね"] {
            for mode in [Mode::Replace, Mode::Mask, Mode::Hash] {
                assert!(is_covered(&mode.cover(secret, [1, 2])), "{secret} {mode:?}");
            }
            assert!(is_covered(&hash_unkeyed(secret)));
        }
        for clear in [
            "",
            "hunter2",
            "hash:",
            "hash:abc",
            "abc***",
            "***abc",
            "a***b***",
            "*",
            "[REDACTED",
            REDACTED.trim_end_matches(']'),
        ] {
            assert!(!is_covered(clear), "{clear}");
        }
    }

    #[test]
    fn a_hash_depends_on_value_and_key() {
        assert_eq!(hash("a", [1, 2]), hash("a", [1, 2]));
        assert_ne!(hash("a", [1, 2]), hash("b", [1, 2]));
        assert_ne!(hash("a", [1, 2]), hash("a", [1, 3]));
        assert_ne!(rekeyed(&hash_unkeyed("a"), [1, 2]), hash_unkeyed("a"));
    }

    #[test]
    fn an_unkeyed_hash_is_found_in_text() {
        let text = format!("user {} left", hash_unkeyed("bob"));
        let colon = text.find(':').expect("there is one");
        assert_eq!(unkeyed_at(text.as_bytes(), colon), Some((5, 43)));
        assert_eq!(unkeyed_at(b"hash0:12", 5), None);
        assert_eq!(unkeyed_at(b":", 0), None);
    }
}
