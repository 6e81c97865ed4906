//! The W3C `baggage` header as Sentry uses it: the dynamic sampling context, and the members of others.

use std::fmt::{self, Display, Formatter};

use sentry_core::{Hub, TracesSamplingStrategy};

use crate::{TraceParent, span};

/// The most that W3C lets a `baggage` header hold, in bytes.
const MAX_BYTES: usize = 8192;
/// The most fields of the dynamic sampling context that are read. Sentry has a dozen.
const MOST_FIELDS: usize = 64;
/// The prefix of the members that are Sentry's.
const OURS: &str = "sentry-";

/// A parsed [`baggage`](https://www.w3.org/TR/baggage/) header.
///
/// The members whose keys begin with `sentry-` are the
/// [dynamic sampling context](https://develop.sentry.dev/sdk/foundations/trace-propagation/dynamic-sampling-context/):
/// the head of a trace writes them once, everyone after passes them on unchanged. The members of others are kept as
/// they came, properties included.
///
/// ```
/// use watchpost::task::Baggage;
///
/// let baggage = Baggage::parse("other=1;ttl=9, sentry-release=shop%401.2.3, sentry-sampled=true");
/// assert_eq!(baggage.get("release"), Some("shop@1.2.3"));
/// assert_eq!(baggage.to_string(), "other=1;ttl=9,sentry-release=shop%401.2.3,sentry-sampled=true");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baggage {
    /// Members as they stand in the header, without the white space around them.
    others: Vec<String>,
    /// The dynamic sampling context: names without the prefix, values decoded.
    ours: Vec<(String, String)>,
}

impl Baggage {
    /// Reads a header's value. Members that cannot be read are left out; a broken header never fails a request.
    pub fn parse(header: &str) -> Self {
        let mut baggage = Self::default();
        let mut room = MAX_BYTES;
        for member in header.split(',').map(str::trim).filter(|member| !member.is_empty()) {
            let pair = member.split(';').next().unwrap_or(member);
            let Some((key, value)) = pair.split_once('=') else { continue };
            match key.trim().strip_prefix(OURS) {
                // Whoever sent it may be anybody: more than there can be is not looked at.
                Some(name) if !name.is_empty() && member.len() < room && baggage.ours.len() < MOST_FIELDS => {
                    room -= member.len() + 1;
                    baggage.set(name, decode(value.trim()));
                }
                Some(_) => {}
                None => baggage.others.push(member.to_owned()),
            }
        }
        baggage
    }

    /// The sampling context of a trace that begins here, as the current client knows it.
    pub(super) fn of_head(parent: TraceParent) -> Self {
        let mut baggage = Self::default();
        let Some(client) = Hub::current().client() else { return baggage };
        let options = client.options();
        baggage.set("trace_id", parent.trace_id.to_string());
        if let Some(dsn) = &options.dsn {
            baggage.set("public_key", dsn.public_key());
        }
        baggage.set("release", options.release.as_deref().unwrap_or_default());
        baggage.set("environment", options.environment.as_deref().unwrap_or_default());
        if !span::is_named_by_url() {
            baggage.set("transaction", span::current_transaction().unwrap_or_default());
        }
        if let Some(sampled) = parent.sampled {
            baggage.set("sampled", sampled.to_string());
            if let TracesSamplingStrategy::FixedRate(rate) = options.traces_sampling_strategy {
                baggage.set("sample_rate", rate.to_string());
                baggage.set("sample_rand", sample_rand(parent, f64::from(rate), sampled));
            }
        }
        baggage
    }

    /// The value of one field of the dynamic sampling context, named without the prefix: `release`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.ours.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Sets one field of the dynamic sampling context. An empty value is not set.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        if value.is_empty() {
            return;
        }
        match self.ours.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => self.ours.push((name.to_owned(), value)),
        }
    }

    /// The fields of the dynamic sampling context, in order, without the prefix.
    pub fn sampling_context(&self) -> impl Iterator<Item = (&str, &str)> {
        self.ours.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there is no dynamic sampling context: the sender was no Sentry SDK, or said nothing.
    pub fn has_sampling_context(&self) -> bool {
        !self.ours.is_empty()
    }
}

impl Display for Baggage {
    /// The header's value. Ours go last: where the whole would be over 8192 bytes, members of others are left out
    /// from the end, as W3C allows.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let ours: Vec<String> = self.ours.iter().map(|(key, value)| format!("{OURS}{key}={}", encode(value))).collect();
        let mut room = MAX_BYTES.saturating_sub(ours.iter().map(|member| member.len() + 1).sum());
        let others = self.others.iter().take_while(|member| {
            let fits = member.len() < room;
            room = room.saturating_sub(member.len() + 1);
            fits
        });
        for (at, member) in others.chain(&ours).enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            f.write_str(member)?;
        }
        Ok(())
    }
}

/// The number below 1 that was compared with the rate, which the SDK does not tell: one that fits the decision, the same
/// for everyone who has the trace's id, so that samplers downstream decide alike.
fn sample_rand(parent: TraceParent, rate: f64, sampled: bool) -> String {
    let hex = parent.trace_id.to_string();
    let part = u64::from_str_radix(hex.get(..13).unwrap_or_default(), 16).unwrap_or_default();
    let even = part as f64 / (1u64 << 52) as f64;
    let fitting = if sampled { even * rate } else { rate + even * (1.0 - rate) };
    // Cut, not rounded: it must stay below 1 and on its side of the rate.
    let millionths = (fitting.clamp(0.0, 1.0) * 1e6).min(999_999.0) as u64;
    format!("0.{millionths:06}")
}

/// Percent-decodes; what is no valid escape stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match escape.filter(|_| byte == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Percent-encodes all but the characters that no reader of URLs or baggage gives a meaning.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/' | b':') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_on_what_others_sent_unchanged() {
        let header = "a=1;p=q,sentry-trace_id=771a43a4192642f0b136d5159a501700,b=%20x,sentry-sample_rate=0.25";
        let baggage = Baggage::parse(header);
        assert_eq!(baggage.get("trace_id"), Some("771a43a4192642f0b136d5159a501700"));
        assert_eq!(
            baggage.to_string(),
            "a=1;p=q,b=%20x,sentry-trace_id=771a43a4192642f0b136d5159a501700,sentry-sample_rate=0.25"
        );
    }

    #[test]
    fn encodes_what_would_break_the_header() {
        let mut baggage = Baggage::default();
        baggage.set("transaction", "GET /users/{id}, \"ü\"=1;2");
        let header = baggage.to_string();
        assert!(header.is_ascii() && !header.contains([' ', ';', '"']), "{header}");
        assert_eq!(Baggage::parse(&header), baggage);
    }

    #[test]
    fn reads_garbage_without_failing() {
        for header in ["", ",", "=", "sentry-=x", "sentry-a", "a=%", "sentry-x=%zz", "sentry-x=%e", ";;;=,,=;"] {
            let again = Baggage::parse(header).to_string();
            assert_eq!(Baggage::parse(&again).to_string(), again, "{header}");
        }
        assert_eq!(Baggage::parse("sentry-x=%zz").get("x"), Some("%zz"));
    }

    #[test]
    fn the_random_number_fits_the_decision() {
        for _ in 0..200 {
            let parent = TraceParent { trace_id: Default::default(), span_id: Default::default(), sampled: None };
            for rate in [0.0, 0.05, 0.5, 1.0] {
                let kept: f64 = sample_rand(parent, rate, true).parse().unwrap();
                let let_go: f64 = sample_rand(parent, rate, false).parse().unwrap();
                assert!(kept <= rate && kept < 1.0, "{kept} for {rate}");
                assert!((let_go - rate).abs() < 1e-6 || let_go > rate || rate == 1.0, "{let_go} for {rate}");
            }
        }
    }

    #[test]
    fn a_header_of_whatever_size_costs_no_more_than_its_reading() {
        let header: Vec<String> = (0..100_000).map(|number| format!("sentry-{number}=x")).collect();
        let baggage = Baggage::parse(&header.join(","));
        assert!(baggage.ours.len() <= MOST_FIELDS && baggage.to_string().len() <= MAX_BYTES);
        let long = format!("sentry-release={},sentry-sampled=true", "x".repeat(MAX_BYTES));
        assert_eq!(Baggage::parse(&long).to_string(), "sentry-sampled=true");
    }

    #[test]
    fn stays_within_the_header_limit_and_keeps_ours() {
        let header = format!("{},sentry-sampled=true", vec!["k=vvvvvvvvvvvvvvvvvvvvvvvvvvvvv"; 1000].join(","));
        let again = Baggage::parse(&header).to_string();
        assert!(again.len() <= MAX_BYTES && again.ends_with("sentry-sampled=true"), "{}", again.len());
    }
}
