//! What travels with a message so that the consumer continues the producer's trace.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sentry_core::protocol::{SpanId, TraceId};
use serde::{Deserialize, Serialize};

use super::Baggage;
use crate::span;

/// The headers of a trace: in a message, a job's payload, a request.
///
/// Fields carry the names of the headers, so that the serialized form can stand in a message's header map as it is and
/// be read by the SDKs of other languages.
///
/// ```
/// use watchpost::TraceHeaders;
///
/// let headers = TraceHeaders::from_pairs([
///     ("Sentry-Trace", "771a43a4192642f0b136d5159a501700-7c51afd529da4a2a-1"),
///     ("content-type", "application/json"),
/// ]);
/// let parent = headers.parent().unwrap();
/// assert_eq!(parent.trace_id.to_string(), "771a43a4192642f0b136d5159a501700");
/// assert_eq!(parent.sampled, Some(true));
/// let json = serde_json::to_string(&headers).unwrap();
/// assert_eq!(json, r#"{"sentry-trace":"771a43a4192642f0b136d5159a501700-7c51afd529da4a2a-1"}"#);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TraceHeaders {
    /// `TRACE-SPAN[-SAMPLED]`.
    #[serde(rename = "sentry-trace", skip_serializing_if = "Option::is_none")]
    sentry_trace: Option<String>,
    /// The dynamic sampling context and the members of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    baggage: Option<String>,
    /// The same as `sentry-trace` for everyone else (W3C Trace Context).
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    /// Seconds since the epoch, with a fraction: the header that Sentry's Celery integration sends.
    #[serde(rename = "sentry-task-enqueued-time", skip_serializing_if = "Option::is_none")]
    enqueued_at: Option<String>,
}

/// A span of another process, or of another task, that a trace is continued from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace.
    pub trace_id: TraceId,
    /// The span that the work belongs to.
    pub span_id: SpanId,
    /// The sampling decision taken at the head of the trace; none if it was left to us.
    pub sampled: Option<bool>,
}

impl TraceHeaders {
    /// Headers that continue the span under way here, to be sent along with a message or a request; empty without a
    /// client. At the head of a trace the sampling context is written, further on what came in is passed on.
    pub fn current() -> Self {
        let Some(parent) = span::current_parent() else { return Self::default() };
        let baggage = span::current_baggage();
        match baggage {
            Some(baggage) => Self::new(parent, &baggage),
            None => Self::new(parent, &Baggage::of_head(parent)),
        }
    }

    /// As [`current`](Self::current), of a message that is put into a queue now; empty without a client as well.
    pub(crate) fn of_message() -> Self {
        let headers = Self::current();
        if headers.is_empty() { headers } else { headers.with_enqueued_at(SystemTime::now()) }
    }

    /// Headers that continue `parent`, with its dynamic sampling context.
    pub fn new(parent: TraceParent, baggage: &Baggage) -> Self {
        let TraceParent { trace_id, span_id, sampled } = parent;
        let decision = match sampled {
            Some(true) => "-1",
            Some(false) => "-0",
            None => "",
        };
        let flags = u8::from(sampled == Some(true));
        Self {
            sentry_trace: Some(format!("{trace_id}-{span_id}{decision}")),
            baggage: Some(baggage.to_string()).filter(|baggage| !baggage.is_empty()),
            traceparent: Some(format!("00-{trace_id}-{span_id}-{flags:02x}")),
            enqueued_at: None,
        }
    }

    /// Reads the headers out of pairs, whatever the case of their names; others are passed over.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut headers = Self::default();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            let Some(slot) = headers.slot(name) else { continue };
            match slot {
                // A header may stand in several lines, of which only `baggage` is a list.
                Some(before) if name.eq_ignore_ascii_case("baggage") => {
                    before.push(',');
                    before.push_str(value);
                }
                Some(_) => {}
                None => *slot = Some(value.to_owned()),
            }
        }
        headers
    }

    fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        [
            ("sentry-trace", &mut self.sentry_trace),
            ("baggage", &mut self.baggage),
            ("traceparent", &mut self.traceparent),
            ("sentry-task-enqueued-time", &mut self.enqueued_at),
        ]
        .into_iter()
        .find_map(|(known, slot)| known.eq_ignore_ascii_case(name).then_some(slot))
    }

    /// The header pairs, names in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("sentry-trace", &self.sentry_trace),
            ("baggage", &self.baggage),
            ("traceparent", &self.traceparent),
            ("sentry-task-enqueued-time", &self.enqueued_at),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }

    /// Whether nothing is carried.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The span to continue from: `sentry-trace`, else `traceparent`. None if neither is there or readable.
    pub fn parent(&self) -> Option<TraceParent> {
        self.sentry_trace
            .as_deref()
            .and_then(parse_sentry_trace)
            .or_else(|| self.traceparent.as_deref().and_then(parse_traceparent))
    }

    /// The baggage, empty where there is none.
    pub fn baggage(&self) -> Baggage {
        self.baggage.as_deref().map(Baggage::parse).unwrap_or_default()
    }

    /// When the message was put into the queue.
    pub fn enqueued_at(&self) -> Option<SystemTime> {
        let seconds: f64 = self.enqueued_at.as_deref()?.trim().parse().ok()?;
        UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?)
    }

    /// Says when the message was put into the queue.
    #[must_use]
    pub fn with_enqueued_at(mut self, at: SystemTime) -> Self {
        let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.enqueued_at = Some(format!("{}.{:06}", since.as_secs(), since.subsec_micros()));
        self
    }
}

fn ids(trace_id: &str, span_id: &str) -> Option<(TraceId, SpanId)> {
    let all_zero = |hex: &str| hex.bytes().all(|digit| digit == b'0');
    if trace_id.len() != 32 || span_id.len() != 16 || all_zero(trace_id) || all_zero(span_id) {
        return None;
    }
    Some((trace_id.parse().ok()?, span_id.parse().ok()?))
}

fn parse_sentry_trace(header: &str) -> Option<TraceParent> {
    let mut parts = header.trim().splitn(3, '-');
    let (trace_id, span_id) = ids(parts.next()?, parts.next()?)?;
    let sampled = match parts.next() {
        Some("1") => Some(true),
        Some("0") => Some(false),
        _ => None,
    };
    Some(TraceParent { trace_id, span_id, sampled })
}

/// Versions after 00 may add fields at the end; version ff is invalid. An unset flag is taken as a decision against, as
/// OpenTelemetry's parent-based samplers take it.
fn parse_traceparent(header: &str) -> Option<TraceParent> {
    let mut parts = header.trim().split('-');
    let version = u8::from_str_radix(parts.next().filter(|version| version.len() == 2)?, 16).ok()?;
    let (trace_id, span_id) = ids(parts.next()?, parts.next()?)?;
    let flags = u8::from_str_radix(parts.next().filter(|flags| flags.len() == 2)?, 16).ok()?;
    if version == 0xff || (version == 0 && parts.next().is_some()) {
        return None;
    }
    Some(TraceParent { trace_id, span_id, sampled: Some(flags & 1 == 1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "771a43a4192642f0b136d5159a501700";
    const SPAN: &str = "7c51afd529da4a2a";

    fn sampled(name: &str, value: &str) -> Option<Option<bool>> {
        TraceHeaders::from_pairs([(name, value)]).parent().map(|parent| parent.sampled)
    }

    #[test]
    fn reads_the_decision() {
        assert_eq!(sampled("sentry-trace", &format!("{TRACE}-{SPAN}-1")), Some(Some(true)));
        assert_eq!(sampled("sentry-trace", &format!("{TRACE}-{SPAN}-0")), Some(Some(false)));
        assert_eq!(sampled("sentry-trace", &format!(" {TRACE}-{SPAN}")), Some(None));
        assert_eq!(sampled("traceparent", &format!("00-{TRACE}-{SPAN}-01")), Some(Some(true)));
        assert_eq!(sampled("traceparent", &format!("00-{TRACE}-{SPAN}-00")), Some(Some(false)));
        assert_eq!(sampled("traceparent", &format!("cc-{TRACE}-{SPAN}-03-what-ever")), Some(Some(true)));
    }

    #[test]
    fn refuses_what_is_no_header() {
        for value in ["", "-", "x-y-1", TRACE, &format!("{}-{SPAN}", "0".repeat(32)), "ü-ü"] {
            assert_eq!(sampled("sentry-trace", value), None, "{value}");
        }
        for value in [
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("00-{TRACE}-{SPAN}"),
            format!("0-{TRACE}-{SPAN}-1"),
        ] {
            assert_eq!(sampled("traceparent", &value), None, "{value}");
        }
    }

    #[test]
    fn sentry_trace_wins_over_traceparent() {
        let headers = TraceHeaders::from_pairs([
            ("traceparent", format!("00-{}-{SPAN}-00", "1".repeat(32))),
            ("sentry-trace", format!("{TRACE}-{SPAN}-1")),
        ]);
        assert_eq!(headers.parent().map(|parent| parent.trace_id.to_string()).as_deref(), Some(TRACE));
    }

    #[test]
    fn goes_through_json_and_pairs_unchanged() {
        let parent = TraceParent { trace_id: TraceId::default(), span_id: SpanId::default(), sampled: Some(false) };
        let mut baggage = Baggage::parse("other=1");
        baggage.set("release", "shop@1.0");
        let at = UNIX_EPOCH + Duration::from_micros(1_790_000_000_123_456);
        let headers = TraceHeaders::new(parent, &baggage).with_enqueued_at(at);
        assert_eq!(headers.parent(), Some(parent));
        let json = serde_json::to_string(&headers).unwrap();
        assert_eq!(serde_json::from_str::<TraceHeaders>(&json).unwrap(), headers);
        assert_eq!(TraceHeaders::from_pairs(headers.iter()), headers);
        let off = headers.enqueued_at().unwrap().duration_since(at).unwrap_or_else(|err| err.duration());
        assert!(off < Duration::from_micros(2), "{off:?}");
    }

    #[test]
    fn several_baggage_lines_are_one_list() {
        let headers = TraceHeaders::from_pairs([("baggage", "a=1"), ("Baggage", "sentry-sampled=true")]);
        assert_eq!(headers.baggage().to_string(), "a=1,sentry-sampled=true");
    }
}
