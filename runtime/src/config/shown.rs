//! What may be shown of a value: in messages, in `Debug`, in the health report.

use sentry_core::types::Dsn;

/// The most characters of a value that a message repeats.
const LONGEST: usize = 80;

/// A value as a message may repeat it: quoted, cut, and without the user information and the query of a URL.
pub(super) fn value(text: &str) -> String {
    if looks_like_url(text) {
        return format!("{:?}", url(text));
    }
    cut(text)
}

/// The text of a DSN, well-formed or not. What stands before the host is a key, and a text without a host may be one
/// as a whole: of neither is anything shown.
pub(super) fn dsn(text: &str) -> String {
    format!("{:?}", url(text))
}

/// A DSN's place, without its keys.
pub(crate) fn place(dsn: &Dsn) -> String {
    url(&dsn.to_string())
}

fn looks_like_url(text: &str) -> bool {
    text.contains("://") || text.contains('@') && text.contains('/')
}

pub(super) fn url(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_lowercase()) && scheme.len() <= 8 => {
            (format!("{scheme}://"), rest)
        }
        _ => (String::new(), text),
    };
    match rest.rsplit_once('@') {
        Some((_, place)) => {
            let place = place.split(['?', '#']).next().unwrap_or_default();
            format!("{scheme}***@{}", shorten(&without_keys(place)))
        }
        None => format!("{scheme}***"),
    }
}

/// A key that slipped behind the `@` is still a key: sixteen hexadecimal digits in a row are nothing else here.
fn without_keys(place: &str) -> String {
    let mut rest = place;
    let mut shown = String::new();
    while let Some(c) = rest.chars().next() {
        let run = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        let (length, text) = if run >= 16 { (run, "***") } else { (run.max(c.len_utf8()), "") };
        shown.push_str(if text.is_empty() { &rest[..length] } else { text });
        rest = &rest[length..];
    }
    shown
}

fn cut(text: &str) -> String {
    format!("{:?}", shorten(text))
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST).collect();
    short.push('…');
    short
}

/// An address without user information and query.
pub(super) fn address(text: &str) -> String {
    if text.contains('@') { url(text) } else { text.split(['?', '#']).next().unwrap_or_default().to_owned() }
}
