//! Values behind keys: where they end, and whether they are any.

use super::super::cover::is_covered;
use super::run;

/// How sure it is that a value is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// It can be nothing else.
    Sure,
    /// `key: value`, which may be prose, or code that says what something is.
    Said,
    /// `key = value` with spaces, which may be code.
    Assigned,
}

/// Longer things in braces are no placeholders.
const LONGEST_PLACEHOLDER: usize = 96;

/// The value that begins at `at`: a quoted text, something in brackets, or a word.
pub(super) fn value(bytes: &[u8], at: usize, form: Form, is_password: bool) -> Option<(usize, usize)> {
    let slashes = run(bytes, at, |byte| byte == b'\\') - at;
    let first = *bytes.get(at + slashes)?;
    let prefixed = first.is_ascii_alphabetic() && matches!(bytes.get(at + 1), Some(b'"' | b'\''));
    if prefixed || is_quote(first) {
        let quote = at + slashes + usize::from(prefixed);
        return clear(bytes, quote + 1, close(bytes, quote + 1, bytes[quote], slashes));
    }
    // An escaped line break: nothing follows.
    if form == Form::Said && slashes > 0 && matches!(first, b'n' | b'r') {
        return None;
    }
    let near = &bytes[..bytes.len().min(at + LONGEST_PLACEHOLDER)];
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

pub(super) fn is_quote(byte: u8) -> bool {
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
pub(super) fn word(bytes: &[u8], at: usize) -> &[u8] {
    let end = run(bytes, at, |byte| {
        let ends = matches!(byte, b'&' | b';' | b',' | b'"' | b'\'' | b'`' | b'<' | b'>' | b')' | b']' | b'}' | b'|');
        !ends && !byte.is_ascii_whitespace()
    });
    let text = &bytes[at..end];
    let slashes = text.iter().rev().take_while(|&&byte| byte == b'\\').count();
    &text[..text.len() - slashes]
}

/// A header's value may have several words: credentials and cookies go to the end of the line.
pub(super) fn header(bytes: &[u8], at: usize, key: &str) -> Option<(usize, usize)> {
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
pub(super) fn clear(bytes: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
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
pub(super) fn is_path(text: &[u8]) -> bool {
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
