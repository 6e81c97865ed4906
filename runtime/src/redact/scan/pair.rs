//! The values of secret keys in text: query strings, cookies and headers, JSON and what is left of it, `Debug` output, XML
//! elements, command lines.
//!
//! `key=value` and a quoted key say clearly that the value is one. `key: value` and `key = value` also are prose (`token: expired`)
//! or code (`s.token = t.token`), and there a value must not read as a word.

use super::super::keys::Kind;
use super::value::{Form, clear, header, is_path, is_quote, value, word};
use super::{Finding, What, run};

/// The value behind the `:` at `at`.
pub(super) fn after_colon(text: &str, at: usize, floor: usize, kind: &impl Fn(&str) -> Kind) -> Option<Finding> {
    let bytes = text.as_bytes();
    if matches!(bytes.get(at + 1), None | Some(b':' | b'=' | b'/')) {
        return None;
    }
    let key = Key::before(text, at, floor)?;
    let what = key.what(kind)?;
    let begin = run(bytes, at + 1, |byte| byte.is_ascii_whitespace());
    if key.quoted {
        return finding(value(bytes, begin, Form::Sure, false), what);
    }
    // `auth.rs:42` is a place in a file; a path or a URL goes on to the left.
    let start = key.end - key.name.len();
    if start > floor && matches!(bytes[start - 1], b'/' | b':') {
        return None;
    }
    let is_apart = begin > at + 1 || matches!(bytes.get(begin), Some(b'"' | b'\'' | b'\\'));
    if !is_apart && key.name.contains('.') || bytes[at + 1..begin].contains(&b'\n') {
        return None;
    }
    finding(header(bytes, begin, key.name).or_else(|| value(bytes, begin, Form::Said, key.is_password())), what)
}

/// The value behind the `=` at `at`.
pub(super) fn after_equals(text: &str, at: usize, floor: usize, kind: &impl Fn(&str) -> Kind) -> Option<Finding> {
    let bytes = text.as_bytes();
    let next = bytes.get(at + 1)?;
    let is_operator = matches!(next, b'=' | b'~')
        || at > floor && matches!(bytes[at - 1], b'=' | b'!' | b'<' | b'>' | b'+' | b'*' | b'/' | b'|' | b'^' | b'~');
    if is_operator {
        return None;
    }
    let arrow = usize::from(*next == b'>');
    let begin = run(bytes, at + 1 + arrow, |byte| matches!(byte, b' ' | b'\t'));
    // The placeholders of statements are frequent and quickly told.
    if matches!(bytes.get(begin), Some(b'?') | None)
        || bytes[begin] == b'$' && bytes.get(begin + 1).is_some_and(u8::is_ascii_digit)
    {
        return None;
    }
    let key = Key::before(text, at, floor)?;
    // An arrow is a pair's where a text stands on either side, and else the arm of a match.
    let is_arm = arrow == 1 && !key.quoted && (!is_quote(bytes[begin]) || key.is_variant(bytes));
    if is_arm {
        return None;
    }
    let what = key.what(kind)?;
    let is_tight = key.end == at && begin == at + 1;
    if is_tight && key.name.contains('.') && is_path(word(bytes, begin)) {
        return None;
    }
    let form = if key.quoted || is_tight { Form::Sure } else { Form::Assigned };
    finding(value(bytes, begin, form, key.is_password()), what)
}

/// The text of the element whose opening tag ends with the `>` at `at`: `<password>..</password>`.
pub(super) fn in_element(text: &str, at: usize, floor: usize, kind: &impl Fn(&str) -> Kind) -> Option<Finding> {
    let bytes = text.as_bytes();
    let start = walk_back(bytes, at, floor, |byte| is_key(byte) || byte == b':');
    if start == at || start == floor || bytes[start - 1] != b'<' {
        return None;
    }
    let tag = text.get(start..at)?;
    let what = what(tag, kind)?;
    let end = run(bytes, at + 1, |byte| byte != b'<');
    let closes = bytes[end..].strip_prefix(b"</").is_some_and(|rest| rest.starts_with(tag.as_bytes()));
    if closes { finding(clear(bytes, at + 1, end), what) } else { None }
}

/// The value of the flag that begins with the `-` at `at`: `--password hunter2`.
pub(super) fn after_flag(text: &str, at: usize, kind: &impl Fn(&str) -> Kind) -> Option<Finding> {
    let bytes = text.as_bytes();
    let begins = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'-' | b'_'));
    if !begins || bytes.get(at + 1) != Some(&b'-') || !bytes.get(at + 2)?.is_ascii_alphabetic() {
        return None;
    }
    let end = run(&bytes[..bytes.len().min(at + LONGEST_KEY)], at + 2, is_key);
    if bytes.get(end) != Some(&b' ') || matches!(bytes.get(end + 1), None | Some(b'-')) {
        return None;
    }
    let what = what(text.get(at + 2..end)?, kind)?;
    finding(value(bytes, end + 1, Form::Said, false), what)
}

fn finding(span: Option<(usize, usize)>, what: What) -> Option<Finding> {
    span.map(|(start, end)| Finding { start, end, what })
}

fn what(key: &str, kind: impl Fn(&str) -> Kind) -> Option<What> {
    match kind(key) {
        Kind::Secret => Some(What::Secret),
        Kind::Personal => Some(What::Personal),
        Kind::Innocent => None,
    }
}

/// Longer keys are no names.
const LONGEST_KEY: usize = 96;

struct Key<'t> {
    name: &'t str,
    /// Where the key with its quotes ends.
    end: usize,
    quoted: bool,
}

impl<'t> Key<'t> {
    /// The key before the mark at `at`.
    fn before(text: &'t str, at: usize, floor: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        const SPACES: usize = 8;
        let spaces = bytes[floor..at].iter().rev().take(SPACES).take_while(|&&byte| byte == b' ').count();
        let end = at - spaces;
        let last = *bytes[floor..end].last()?;
        if !is_quote(last) {
            let mut start = walk_back(bytes, end, floor, |byte| is_key(byte) || matches!(byte, b'[' | b']' | b'$'));
            // A line break that was escaped: `..\npassword: ..`.
            if start > floor && bytes[start - 1] == b'\\' && matches!(bytes[start], b'n' | b'r' | b't') {
                start += 1;
            }
            let name = text.get(super::boundary(text, start)..end)?;
            return (!name.is_empty()).then_some(Self { name, end, quoted: false });
        }
        let slashes = bytes[floor..end - 1].iter().rev().take_while(|&&byte| byte == b'\\').count();
        let close = end - 1 - slashes;
        let length = bytes[floor..close].iter().rev().take(LONGEST_KEY).position(|&byte| byte == last)?;
        let name = text.get(close - length..close)?;
        // A path in code is quoted in prose: `Key::new`.
        (!name.contains("::")).then_some(Self { name, end, quoted: true })
    }

    /// `Kind::Token`
    fn is_variant(&self, bytes: &[u8]) -> bool {
        bytes[..self.end - self.name.len()].ends_with(b"::")
    }

    fn what(&self, kind: impl Fn(&str) -> Kind) -> Option<What> {
        what(self.name, kind)
    }

    /// Whether the value surely is a word that somebody chose, so that it may read as one.
    fn is_password(&self) -> bool {
        const WORDS: [&[u8]; 4] = [b"pass", b"pwd", b"wort", b"secret"];
        let holds = |word: &[u8]| self.name.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
        WORDS.into_iter().any(holds)
    }
}

fn walk_back(bytes: &[u8], end: usize, floor: usize, wanted: impl Fn(u8) -> bool) -> usize {
    end - bytes[floor..end].iter().rev().take(LONGEST_KEY).take_while(|&&byte| wanted(byte)).count()
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}
