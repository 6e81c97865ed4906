//! Addresses: of people (e-mail), and of machines where they carry credentials (URLs).

use super::{Span, run};

/// The e-mail address around the `@` at `at`, which is `sign` bytes long (`%40` where it is percent-encoded).
pub(super) fn email(bytes: &[u8], at: usize, sign: usize, floor: usize) -> Span {
    let start = local_start(bytes, at, floor)?;
    let domain = at + sign;
    let stop = run(bytes, domain, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-') || byte >= 0x80);
    let end = domain_end(bytes, domain, stop)?;
    // `git@host:path` names a repository.
    let is_repository = &bytes[start..at] == b"git" && matches!(bytes.get(end), Some(b':' | b'/'));
    (!is_repository).then_some((start, end))
}

fn local_start(bytes: &[u8], at: usize, floor: usize) -> Option<usize> {
    const LONGEST: usize = 128;
    let floor = floor.max(at.saturating_sub(LONGEST));
    let mut start = at;
    while start > floor {
        start -= match bytes[start - 1] {
            byte if byte.is_ascii_alphanumeric() => 1,
            b'.' | b'_' | b'%' | b'+' | b'-' | b'\'' => 1,
            byte if is_latin(byte) && start - floor >= 2 && is_latin_lead(bytes[start - 2]) => 2,
            _ => break,
        };
    }
    // An apostrophe belongs to a name, not to its beginning: there it is a quote.
    while start < at && bytes[start] == b'\'' {
        start += 1;
    }
    if start < at {
        return Some(start);
    }
    // "quoted name"@host
    let quoted = bytes[floor..at].strip_suffix(b"\"")?;
    let open = quoted.iter().rev().position(|&byte| byte == b'"')?;
    Some(floor + quoted.len() - open - 1)
}

/// A letter beyond ASCII of a Latin script: two bytes, U+00C0 to U+024F. Others (Japanese, say) surround an address and do not
/// belong to it.
fn is_latin_lead(byte: u8) -> bool {
    (0xc3..=0xc9).contains(&byte)
}

fn is_latin(byte: u8) -> bool {
    (0x80..0xc0).contains(&byte)
}

/// The end of the domain within `start..stop`: its last label that can be a top-level domain, behind at least one other label.
fn domain_end(bytes: &[u8], start: usize, stop: usize) -> Option<usize> {
    let mut best = None;
    let mut label = start;
    let mut labels = 0;
    while label < stop {
        let end = label_end(bytes, label, stop);
        if end == label {
            break;
        }
        labels += 1;
        if labels > 1 && is_top_level(&bytes[label..end]) {
            best = Some(end);
        }
        if end == stop || bytes[end] != b'.' {
            break;
        }
        label = end + 1;
    }
    best
}

fn label_end(bytes: &[u8], start: usize, stop: usize) -> usize {
    let mut end = start;
    while end < stop {
        end += match bytes[end] {
            b'.' => break,
            byte if byte.is_ascii() => 1,
            lead if is_latin_lead(lead) && end + 1 < stop => 2,
            _ => break,
        };
    }
    end
}

/// Letters, and not a file's or a unit's ending: `logo@2x.png` and `user@1000.service` are no addresses.
fn is_top_level(label: &[u8]) -> bool {
    const ENDINGS: &[&[u8]] = &[
        b"png", b"jpg", b"jpeg", b"gif", b"webp", b"svg", b"js", b"css", b"html", b"json", b"service", b"socket",
        b"timer", b"slice", b"scope", b"mount",
    ];
    let is_name = label.len() >= 2 && label.iter().all(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
    (is_name || label.starts_with(b"xn--")) && !ENDINGS.contains(&label)
}

/// Credentials in the URL whose `:` is at `colon`: user name and password, or a path that is a key by itself.
pub(super) fn in_url(bytes: &[u8], colon: usize) -> Span {
    let start = colon + 3;
    if bytes.get(colon + 1..start)? != b"//" {
        return None;
    }
    let path = run(bytes, start, |byte| !ends_url(byte) && !matches!(byte, b'/' | b'?' | b'#'));
    let authority = &bytes[start..path];
    let sign = authority.iter().rposition(|&byte| byte == b'@').map(|sign| start + sign);
    let sign = sign.or_else(|| {
        // A password with an unescaped `/`: what follows the `:` is then no port.
        const LONGEST: usize = 128;
        let port = authority.iter().position(|&byte| byte == b':')?;
        if authority[port + 1..].iter().all(u8::is_ascii_digit) {
            return None;
        }
        let stop = run(&bytes[..bytes.len().min(path + LONGEST)], path, |byte| !ends_url(byte));
        bytes[path..stop].iter().rposition(|&byte| byte == b'@').map(|sign| path + sign)
    });
    if let Some(sign) = sign {
        let user = &bytes[start..sign];
        // The user of code repositories says nothing.
        return (!user.is_empty() && user != b"git").then_some((start, sign));
    }
    let hook = WEBHOOKS.iter().find(|hook| bytes[start..].starts_with(hook))?;
    let key = start + hook.len();
    let stop = run(bytes, key, |byte| !ends_url(byte));
    (key < stop).then_some((key, stop))
}

/// Whoever knows what follows these may post.
const WEBHOOKS: &[&[u8]] = &[
    b"hooks.slack.com/services/",
    b"discord.com/api/webhooks/",
    b"discordapp.com/api/webhooks/",
    b"api.telegram.org/bot",
];

fn ends_url(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'|' | b'\\')
}
