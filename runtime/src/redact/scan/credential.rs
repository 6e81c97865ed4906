//! Credentials of the protocols: JSON web tokens, `Authorization` values, private keys.

use super::{Span, begins_word, run};

/// The JSON web token around the `J` at `at`: `eyJ..` (`{"` in base64), a body, a signature. Nothing before `searched` is looked at,
/// which is set to where a header in vain ended.
pub(super) fn jwt(bytes: &[u8], at: usize, floor: usize, searched: &mut usize) -> Span {
    let start = at.checked_sub(2).filter(|&start| start >= floor && start >= *searched)?;
    if &bytes[start..at] != b"ey" {
        return None;
    }
    let header = run(bytes, at, is_base64url);
    let mut end = header;
    let mut parts = 1;
    while bytes.get(end) == Some(&b'.') && parts < 5 {
        let next = run(bytes, end + 1, is_base64url);
        if next == end + 1 && parts != 2 {
            break;
        }
        end = next;
        parts += 1;
    }
    const SHORTEST_HEADER: usize = 12;
    // Cut off after the body it is still the body: that begins with `{"` too.
    let is_token = parts >= 3 || parts == 2 && bytes[header + 1..].starts_with(b"eyJ");
    *searched = header;
    (header - start >= SHORTEST_HEADER && is_token).then_some((start, end))
}

/// The credentials behind `Bearer` or `Basic`, any case, whose first letter is at `at`.
pub(super) fn bearer_or_basic(bytes: &[u8], at: usize) -> Span {
    const SHORTEST: usize = 6;
    let is_word = |word: &[u8]| bytes.get(at..at + word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word));
    let (name, is_credential): (usize, fn(&[u8]) -> bool) = match bytes.get(at + 1)? {
        b'e' | b'E' if is_word(b"bearer") => (6, is_opaque),
        b'a' | b'A' if is_word(b"basic") => (5, is_basic),
        _ => return None,
    };
    if !begins_word(bytes, at, 0) {
        return None;
    }
    let start = behind_spaces(bytes, at + name)?;
    let end = run(bytes, start, |byte| is_base64url(byte) || matches!(byte, b'.' | b'~' | b'+' | b'/' | b'='));
    let end = end - bytes[start..end].iter().rev().take_while(|&&byte| byte == b'.').count();
    (end - start >= SHORTEST && is_credential(&bytes[start..end])).then_some((start, end))
}

/// Behind one to four spaces, in a query `+` or `%20`.
fn behind_spaces(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes[at..].starts_with(b"%20") {
        return Some(at + 3);
    }
    let start = run(bytes, at, |byte| matches!(byte, b' ' | b'\t' | b'+'));
    (1..=4).contains(&(start - at)).then_some(start)
}

/// Whether a word is no word: `Bearer authentication` is prose.
fn is_opaque(word: &[u8]) -> bool {
    const LONGEST_WORD: usize = 24;
    word.len() > LONGEST_WORD
        || word.iter().any(u8::is_ascii_digit)
        || word[1..].iter().any(u8::is_ascii_uppercase) && word.iter().any(u8::is_ascii_lowercase)
}

/// Whether it is base64 of `user:password`.
fn is_basic(word: &[u8]) -> bool {
    // Nobody's name and password are longer; prose is not that long either.
    const LONGEST: usize = 256;
    let mut decoded = [0; LONGEST];
    let mut length = 0;
    let mut bits = 0_u32;
    let mut held = 0;
    for &byte in word {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return false,
        };
        bits = (bits & 0xff) << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            let Some(place) = decoded.get_mut(length) else { return true };
            *place = (bits >> held) as u8;
            length += 1;
        }
    }
    let decoded = &decoded[..length];
    decoded.contains(&b':') && !decoded.iter().any(u8::is_ascii_control) && std::str::from_utf8(decoded).is_ok()
}

/// The private key whose `-----BEGIN` starts at `at`, to its end, or to the text's where it was cut off.
pub(super) fn private_key(bytes: &[u8], at: usize) -> Span {
    let label = bytes[at..].strip_prefix(b"-----BEGIN ")?;
    const LONGEST_LABEL: usize = 40;
    let label = &label[..label.len().min(LONGEST_LABEL)];
    let label = &label[..find(label, b"-----").unwrap_or(label.len())];
    find(label, b"PRIVATE KEY")?;
    let rest = &bytes[at..];
    const END: &[u8] = b"-----END ";
    let end = find(rest, END).and_then(|mark| {
        let behind = mark + END.len();
        find(&rest[behind..], b"-----").map(|dashes| behind + dashes + 5)
    });
    Some((at, end.map_or(bytes.len(), |end| at + end)))
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}
