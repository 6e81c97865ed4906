//! What redaction costs a clean text, beside the simplest scanner that finds anything.
//!
//! `cargo bench -p watchpost --bench redact --no-default-features` prints nanoseconds per 130 bytes, the least of many rounds, ours
//! and the simple one in turn. The simple one knows no keys; where a text has none to look at (statement, prose) ours is to stay
//! at twice its cost at most. Every `key=value` costs some 30 ns more.
#![expect(clippy::print_stdout, reason = "a table is what it is for")]

use std::borrow::Cow;
use std::hint::black_box;
use std::time::{Duration, Instant};

use watchpost::redact::Redactor;

/// What most texts of a service look like.
const CLEAN: &[(&str, &str)] = &[
    (
        "statement",
        "SELECT id, name FROM appointments WHERE user_id = $1 AND starts_at > $2 ORDER BY starts_at LIMIT 50 -- request 7f3a9c12 took 12.5ms",
    ),
    (
        "log line",
        "request finished method=GET path=/api/v1/users/42/bookings status=200 latency_ms=12 request_id=4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
    ),
    (
        "stack",
        "at booking::service::create::{{closure}} (/home/app/src/booking/service.rs:42:13) <core::pin::Pin<P> as core::future::Future>::poll",
    ),
    (
        "prose",
        "Der Termin am Freitag um 14:30 Uhr wurde bestätigt, die Erinnerung geht einen Tag vorher an alle Beteiligten heraus, danke schön.",
    ),
    (
        "json",
        "{\"id\": 42, \"name\": \"Haarschnitt\", \"price\": 29.90, \"currency\": \"EUR\", \"minutes\": 45, \"active\": true, \"tags\": [\"a\", \"b\"], \"x\": null}",
    ),
    (
        "url",
        "https://api.example.com/v1/locations/17/barbers/42/slots?from=2026-11-23&to=2026-11-30&page=2&per_page=50&sort=-created_at&lang=de",
    ),
];

const DIRTY: &str = "user bob.smith@example.com paid with 4111 1111 1111 1111 using token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.abc-DEF_123 at 12:03:11";

/// The simple scanner: three rules, one pass.
fn simple(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out: Option<String> = None;
    let (mut at, mut done) = (0, 0);
    while at < bytes.len() {
        let found = match bytes[at] {
            b'@' => simple_address(bytes, at, done),
            b'0'..=b'9' if at == 0 || !bytes[at - 1].is_ascii_alphanumeric() => match simple_card(bytes, at) {
                Ok(end) => Some((at, end)),
                Err(end) => {
                    at = end.max(at + 1);
                    continue;
                }
            },
            b'e' if bytes[at..].starts_with(b"eyJ") => {
                let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
                let end = at + bytes[at..].iter().take_while(|byte| part(byte)).count();
                (bytes[at..end].iter().filter(|byte| **byte == b'.').count() == 2).then_some((at, end))
            }
            _ => None,
        };
        let Some((start, end)) = found else {
            at += 1;
            continue;
        };
        let out = out.get_or_insert_with(|| String::with_capacity(text.len()));
        out.push_str(&text[done..start]);
        out.push_str("[REDACTED]");
        (at, done) = (end, end);
    }
    match out {
        None => Cow::Borrowed(text),
        Some(out) => Cow::Owned(out + &text[done..]),
    }
}

fn simple_address(bytes: &[u8], at: usize, floor: usize) -> Option<(usize, usize)> {
    let local = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-');
    let start = at - bytes[floor..at].iter().rev().take_while(|byte| local(byte)).count();
    let host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let end = at + 1 + bytes[at + 1..].iter().take_while(|byte| host(byte)).count();
    (start < at && bytes[at..end].contains(&b'.')).then_some((start, end))
}

fn simple_card(bytes: &[u8], at: usize) -> Result<usize, usize> {
    let mut digits = [0_u8; 19];
    let mut count = 0;
    let (mut pos, mut end) = (at, at);
    while pos < bytes.len() {
        let digit_follows = bytes.get(pos + 1).is_some_and(u8::is_ascii_digit);
        match bytes[pos] {
            digit @ b'0'..=b'9' if count < 19 => {
                digits[count] = digit - b'0';
                count += 1;
                end = pos + 1;
            }
            b' ' | b'-' if digit_follows => {}
            _ => break,
        }
        pos += 1;
    }
    let double = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits[..count]
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| if place % 2 == 1 { double(digit.into()) } else { digit.into() })
        .sum();
    if count >= 13 && sum.is_multiple_of(10) { Ok(end) } else { Err(end) }
}

/// Nanoseconds per 130 bytes of two scanners, taken in turn.
fn measure(text: &str, ours: impl Fn(&str) -> bool, other: impl Fn(&str) -> bool) -> [f64; 2] {
    const ROUNDS: usize = 400;
    const CALLS: u32 = 500;
    let round = |scan: &dyn Fn(&str) -> bool| {
        let start = Instant::now();
        for _ in 0..CALLS {
            black_box(scan(black_box(text)));
        }
        start.elapsed() / CALLS
    };
    let mut least = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        least[0] = least[0].min(round(&ours));
        least[1] = least[1].min(round(&other));
    }
    least.map(|time| time.as_nanos() as f64 * 130.0 / text.len() as f64)
}

fn main() {
    let redactor = Redactor::new();
    let is_changed = |text: Cow<'_, str>| matches!(text, Cow::Owned(_));
    let mut worst: f64 = 0.0;
    println!("{:10} {:>8} {:>8} {:>6}   ns per 130 bytes", "text", "ours", "simple", "ratio");
    // One text alone: `cargo bench .. -- url`.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    for (name, text) in CLEAN.iter().filter(|(name, _)| name.contains(&wanted)) {
        assert!(!is_changed(redactor.text(text)) && !is_changed(simple(text)), "{name} is to be clean");
        let [ours, other] = measure(text, |text| is_changed(redactor.text(text)), |text| is_changed(simple(text)));
        worst = worst.max(ours / other);
        println!("{name:10} {ours:8.0} {other:8.0} {:6.2}", ours / other);
    }
    let [ours, other] = measure(DIRTY, |text| is_changed(redactor.text(text)), |text| is_changed(simple(text)));
    println!("{:10} {ours:8.0} {other:8.0} {:6.2}", "dirty", ours / other);
    println!("clean, worst ratio: {worst:.2}");
}
