//! Secrets in any text, found in one pass, by their shape or by the key before them.
//!
//! Every rule hangs on one byte that it cannot do without (`@` of an e-mail address, `:` of a URL, the first digit of a card
//! number); all other bytes are passed at one table look-up each. Looking back never crosses what was found before, looking ahead
//! goes as far as what is found or as a small bound, so the whole is linear.

mod address;
mod credential;
mod number;
mod pair;
mod provider;
mod value;

pub(super) use number::is_card;

use super::cover;
use super::keys::Kind;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A secret.
    Secret,
    /// An e-mail address, or the value of a key of personal data.
    Personal,
    /// A hash that `hashed(..)` took without the redactor's key.
    UnkeyedHash,
}

/// One finding: a range of the text, at character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) what: What,
}

/// The findings of a text, in order and apart from each other.
pub(super) struct Scan<'t, K> {
    text: &'t str,
    /// Where to go on.
    at: usize,
    /// The end of the last finding: nothing before it is looked at again.
    floor: usize,
    /// Up to here no token begins.
    searched: usize,
    kind: K,
}

/// Where a rule found its secret, in bytes.
type Span = Option<(usize, usize)>;

impl<'t, K: Fn(&str) -> Kind> Scan<'t, K> {
    /// `kind` says which keys name a secret.
    pub(super) fn new(text: &'t str, kind: K) -> Self {
        Self { text, at: 0, floor: 0, searched: 0, kind }
    }

    /// What the byte at `at`, of class `class`, tells; and where to go on if it is nothing.
    fn look(&mut self, at: usize, class: Class) -> Result<Finding, usize> {
        let bytes = self.text.as_bytes();
        let secret = |span: Span| span.map(|(start, end)| Finding { start, end, what: What::Secret });
        let personal = |span: Span| span.map(|(start, end)| Finding { start, end, what: What::Personal });
        let found = match class {
            Class::None => None,
            Class::Digit => match number::at(bytes, at, self.floor) {
                Ok(span) => secret(Some(span)),
                Err(next) => return Err(next.max(at + 1)),
            },
            Class::At => personal(address::email(bytes, at, 1, self.floor)),
            Class::Percent if bytes[at..].starts_with(b"%40") => personal(address::email(bytes, at, 3, self.floor)),
            Class::Percent => None,
            Class::Colon => {
                if let Some((start, end)) = cover::unkeyed_at(bytes, at).filter(|&(start, _)| start >= self.floor) {
                    return Ok(Finding { start, end, what: What::UnkeyedHash });
                }
                secret(address::in_url(bytes, at)).or_else(|| pair::after_colon(self.text, at, self.floor, &self.kind))
            }
            Class::Equals => pair::after_equals(self.text, at, self.floor, &self.kind),
            Class::Greater => pair::in_element(self.text, at, self.floor, &self.kind),
            Class::Dash => {
                secret(credential::private_key(bytes, at).or_else(|| provider::after_dash(bytes, at, self.floor)))
                    .or_else(|| pair::after_flag(self.text, at, &self.kind))
            }
            Class::Underscore => secret(provider::after_underscore(bytes, at, self.floor)),
            Class::Dot => secret(provider::after_dot(bytes, at, self.floor)),
            Class::CapitalI => secret(provider::around_capital_i(bytes, at, self.floor)),
            Class::CapitalJ => secret(credential::jwt(bytes, at, self.floor, &mut self.searched)),
            Class::LetterB => secret(credential::bearer_or_basic(bytes, at)),
        };
        found.ok_or(at + 1)
    }
}

impl<K: Fn(&str) -> Kind> Iterator for Scan<'_, K> {
    type Item = Finding;

    fn next(&mut self) -> Option<Finding> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            let class = CLASSES[byte as usize];
            if matches!(class, Class::None) {
                self.at += 1;
                continue;
            }
            match self.look(self.at, class) {
                Ok(found) => {
                    // The rules end and begin at ASCII or whole characters; this makes sure of it.
                    let start = boundary(self.text, found.start.max(self.floor));
                    let end = boundary(self.text, found.end.max(self.at + 1).min(bytes.len()));
                    (self.at, self.floor) = (end, end);
                    return Some(Finding { start, end, what: found.what });
                }
                Err(next) => self.at = next,
            }
        }
        None
    }
}

/// Which rules a byte starts.
#[derive(Clone, Copy)]
enum Class {
    None,
    Digit,
    At,
    Percent,
    Colon,
    Equals,
    Greater,
    Dash,
    Underscore,
    Dot,
    CapitalI,
    CapitalJ,
    LetterB,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::None; 256];
    let mut digit = b'0';
    while digit <= b'9' {
        classes[digit as usize] = Class::Digit;
        digit += 1;
    }
    classes[b'@' as usize] = Class::At;
    classes[b'%' as usize] = Class::Percent;
    classes[b':' as usize] = Class::Colon;
    classes[b'=' as usize] = Class::Equals;
    classes[b'>' as usize] = Class::Greater;
    classes[b'-' as usize] = Class::Dash;
    classes[b'_' as usize] = Class::Underscore;
    classes[b'.' as usize] = Class::Dot;
    classes[b'I' as usize] = Class::CapitalI;
    classes[b'J' as usize] = Class::CapitalJ;
    classes[b'B' as usize] = Class::LetterB;
    classes[b'b' as usize] = Class::LetterB;
    classes
};

/// The first character boundary from `at` on.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// The byte before `at`, not looking beyond `floor`.
fn before(bytes: &[u8], at: usize, floor: usize) -> Option<u8> {
    (at > floor).then(|| bytes[at - 1])
}

/// Whether `at` is not within a word: no letter or digit stands before it.
fn begins_word(bytes: &[u8], at: usize, floor: usize) -> bool {
    !before(bytes, at, floor).is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// How far from `at` on all bytes are `wanted`.
pub(super) fn run(bytes: &[u8], at: usize, wanted: impl Fn(u8) -> bool) -> usize {
    bytes[at..].iter().position(|&byte| !wanted(byte)).map_or(bytes.len(), |length| at + length)
}
