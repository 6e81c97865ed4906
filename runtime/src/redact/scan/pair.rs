//! The values of secret keys in text: query strings, cookies and headers, JSON and what is left of it, `Debug` output, XML
//! elements, command lines.
//!
//! `key=value` and a quoted key say clearly that the value is one. `key: value` and `key = value` also are prose (`token: expired`)
//! or code (`s.token = t.token`), and there a value must not read as a word.

use super::super::cover::is_covered;
use super::super::keys::Kind;
use super::{Finding, What, run};

/// How sure it is that a value is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// It can be nothing else.
    Sure,
    /// `key: value`, which may be prose, or code that says what something is.
    Said,
    /// `key = value` with spaces, which may be code.
    Assigned,
}

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

/// The value that begins at `at`: a quoted text, something in brackets, or a word.
fn value(bytes: &[u8], at: usize, form: Form, is_password: bool) -> Option<(usize, usize)> {
    let slashes = run(bytes, at, |byte| byte == b'\\') - at;
    let first = *bytes.get(at + slashes)?;
    let prefixed = first.is_ascii_alphabetic() && matches!(bytes.get(at + 1), Some(b'"' | b'\''));
    if prefixed || is_quote(first) {
        let quote = at + slashes + usize::from(prefixed);
        return clear(bytes, quote + 1, close(bytes, quote + 1, bytes[quote], slashes));
    }
    // An escaped line break: nothing follows.
    if slashes > 0 && matches!(first, b'n' | b'r') {
        return None;
    }
    let near = &bytes[..bytes.len().min(at + LONGEST_KEY)];
    let closing = run(near, at, |byte| !byte.is_ascii_whitespace() && byte != b'}');
    if is_placeholder(&near[at..near.len().min(closing + 1)]) {
        return None;
    }
    if matches!(first, b'{' | b'[' | b'(') && slashes == 0 {
        let is_prose = first == b'('
            && form != Form::Sure
            && !bytes.get(at + 1).is_some_and(|&byte| is_quote(byte) || byte.is_ascii_digit());
        let is_empty = matches!(bytes.get(at + 1), Some(b'}' | b']' | b')'));
        let is_type = first == b'[' && form == Form::Said && is_code(word(bytes, at + 1));
        return (!is_empty && !is_prose && !is_type).then(|| (at, nested(bytes, at)));
    }
    let text = word(bytes, at);
    let end = at + text.len();
    // `Some("..")`, `Credentials { .. }`: what `Debug` prints.
    let name = run(&bytes[..end], at, |byte| byte.is_ascii_alphanumeric() || byte == b'_') - at;
    let is_type = text.first().is_some_and(u8::is_ascii_uppercase) && text.get(1).is_some_and(u8::is_ascii_lowercase);
    let open = at + name + usize::from(bytes[at + name..].starts_with(b" { "));
    if is_type && matches!(bytes.get(open), Some(b'(' | b'{')) && (form != Form::Assigned || text.starts_with(b"Some("))
    {
        return Some((at, nested(bytes, open)));
    }
    if form != Form::Sure && (is_path(text) || is_code(text) || reads_as_word(bytes, at, text, is_password)) {
        return None;
    }
    clear(bytes, at, end)
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// A pointer's or a number's type, a macro's call, a URL: what stands behind a name in code and documents.
fn is_code(text: &[u8]) -> bool {
    let is_number_type = || {
        let (kind, width) = text.split_at(1);
        matches!(kind, b"u" | b"i" | b"f") && matches!(width, b"8" | b"16" | b"32" | b"64" | b"128" | b"size")
    };
    let holds = |mark: &[u8]| text.windows(mark.len()).any(|part| part == mark);
    matches!(text, b"*const" | b"*mut" | b"=")
        || !text.is_empty() && is_number_type()
        || holds(b"![")
        || holds(b"!(")
        || holds(b"://")
}

/// The unquoted word at `at`; opening brackets belong to it, they may be part of a password.
fn word(bytes: &[u8], at: usize) -> &[u8] {
    let end = run(bytes, at, |byte| {
        let ends = matches!(byte, b'&' | b';' | b',' | b'"' | b'\'' | b'`' | b'<' | b'>' | b')' | b']' | b'}' | b'|');
        !ends && !byte.is_ascii_whitespace()
    });
    let text = &bytes[at..end];
    let slashes = text.iter().rev().take_while(|&&byte| byte == b'\\').count();
    &text[..text.len() - slashes]
}

/// A header's value may have several words: credentials and cookies go to the end of the line.
fn header(bytes: &[u8], at: usize, key: &str) -> Option<(usize, usize)> {
    let ends_with = |name: &str| {
        let tail = key.len().checked_sub(name.len()).and_then(|start| key.as_bytes().get(start..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(name.as_bytes()))
    };
    let first = word(bytes, at);
    let is_credential = if ends_with("cookie") {
        first.contains(&b'=')
    } else if ends_with("authorization") && bytes.get(at + first.len()) == Some(&b' ') {
        word(bytes, at + first.len() + 1).iter().any(|byte| byte.is_ascii_digit() || *byte == b'=')
    } else {
        false
    };
    let end = || run(bytes, at, |byte| !matches!(byte, b'\r' | b'\n' | b'"' | b'\'' | b'\\'));
    if is_credential { clear(bytes, at, end()) } else { None }
}

/// The range, unless nothing in it is to be hidden.
fn clear(bytes: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let text = &bytes[start..end];
    let says_nothing = text.iter().all(u8::is_ascii_whitespace)
        || is_placeholder(text)
        || LITERALS.iter().any(|literal| text.eq_ignore_ascii_case(literal))
        || std::str::from_utf8(text).is_ok_and(is_covered);
    (!says_nothing).then_some((start, end))
}

const LITERALS: &[&[u8]] = &[b"true", b"false", b"null", b"none", b"nil", b"undefined", b"[Filtered]", b"<redacted>"];

/// `$1`, `?`, `:name`, `@p1`, `%s`, `{}`, `{name}`, `${NAME}`, `$NAME`, `***`.
fn is_placeholder(text: &[u8]) -> bool {
    let is_name = |name: &[u8]| {
        name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'?' | b'#'))
    };
    let Some((first, rest)) = text.split_first() else { return true };
    match (first, rest) {
        (b'?', rest) => rest.iter().all(u8::is_ascii_digit),
        (b'$', [b'{', name @ .., b'}']) | (b'{', [name @ .., b'}']) => is_name(name),
        (b'$', name) => {
            name.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_') || name.iter().all(u8::is_ascii_digit)
        }
        (b':', name) => !name.is_empty() && name.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_'),
        (b'@', [b'p' | b'P', number @ ..]) => number.iter().all(u8::is_ascii_digit),
        (b'%', [letter]) => letter.is_ascii_lowercase(),
        _ => text.iter().all(|byte| matches!(byte, b'*' | b'.')),
    }
}

/// `alias.column`, `self.token`, `proc_macro2::TokenStream`: names with a `.` or `::` between them.
fn is_path(text: &[u8]) -> bool {
    let is_name = |name: &[u8]| {
        name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    // A call's brackets end a path: `self.token()`.
    let text = text.split(|&byte| byte == b'(').next().unwrap_or(text);
    let text = text.strip_suffix(b".").or(text.strip_suffix(b"::")).unwrap_or(text);
    let holds_path = |text: &[u8]| text.contains(&b'.') || text.windows(2).any(|pair| pair == b"::");
    holds_path(text) && text.split(|&byte| matches!(byte, b'.' | b':')).all(|name| name.is_empty() || is_name(name))
}

/// Whether an unquoted value at `at` is more likely prose or code: letters only, where no password is expected.
fn reads_as_word(bytes: &[u8], at: usize, text: &[u8], is_password: bool) -> bool {
    #[rustfmt::skip]
    const ANSWERS: &[&[u8]] = &[
        b"string", b"str", b"text", b"varchar", b"option", b"vec", b"cow", b"box", b"arc", b"secret", b"password", b"empty", b"error", b"expired",
        b"failed", b"incorrect", b"invalid", b"mismatch", b"missing", b"no", b"ok", b"required", b"unknown", b"unset", b"wrong", b"yes", b"rejected",
        b"accepted", b"changed", b"weak", b"hidden", b"redacted", b"default",
    ];
    let letters = text.strip_suffix(b".").or(text.strip_suffix(b"!")).unwrap_or(text);
    let letters = letters.strip_prefix(b"&").unwrap_or(letters);
    let is_call = letters.contains(&b'(');
    let letters = letters.split(|&byte| byte == b'(').next().unwrap_or(letters);
    let is_word = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'/' | b':');
    if is_call {
        return letters.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'));
    }
    if !letters.iter().all(is_word) {
        return false;
    }
    let ends = matches!(
        bytes.get(at + text.len()),
        None | Some(b'\n' | b'\r' | b',' | b';' | b')' | b'}' | b'&' | b'"' | b'\'')
    );
    let is_answer = ANSWERS.iter().any(|answer| letters.eq_ignore_ascii_case(answer));
    !(is_password && ends && letters.iter().all(u8::is_ascii_alphabetic) && !is_answer)
}

/// Where the text that was opened by `slashes` backslashes and `quote` closes: its end, or the text's.
fn close(bytes: &[u8], start: usize, quote: u8, slashes: usize) -> usize {
    let mut at = start;
    let mut before = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => before += 1,
            // Unescaped, or escaped as the opening quote was.
            _ if byte == quote && if slashes == 0 { before % 2 == 0 } else { before <= slashes } => {
                return at - before.min(slashes);
            }
            _ => before = 0,
        }
        at += 1;
    }
    bytes.len()
}

/// Behind the bracket that closes the one at `at`; the end of the text where none does: it was cut off.
fn nested(bytes: &[u8], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut pos = at;
    let mut slashes = 0;
    while let Some(&byte) = bytes.get(pos) {
        match byte {
            b'"' => {
                pos = close(bytes, pos + 1, b'"', slashes);
                pos = run(bytes, pos, |byte| byte == b'\\');
            }
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        slashes = if byte == b'\\' { slashes + 1 } else { 0 };
        pos = (pos + 1).min(bytes.len());
        if depth == 0 {
            return pos;
        }
    }
    bytes.len()
}
