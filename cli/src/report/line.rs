//! One item in one line, as it arrives.

use std::fmt;

use serde_json::Value;

use super::text::{Style, one_line};
use super::transaction::failed;
use crate::receiver::{Answer, Item, Request};

/// What a person wants to know of one item, or of a request that brought none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The item's type; `refused` for a request that was not taken.
    pub kind: String,
    /// What it is about.
    pub text: String,
    /// The beginning of its trace's id, where it has one.
    pub trace: String,
    /// Whether it tells of a failure.
    pub failed: bool,
}

impl Line {
    /// Of an item.
    pub fn of(item: &Item) -> Self {
        let payload = item.json().unwrap_or(&Value::Null);
        let (text, failed) = match item.kind.as_str() {
            "transaction" => transaction(payload),
            "event" => event(payload),
            "check_in" => {
                (join(&[text(payload, "monitor_slug"), text(payload, "status")]), text(payload, "status") == "error")
            }
            "client_report" => (losses(payload), true),
            "log" | "trace_metric" => (contained(payload), false),
            "attachment" => {
                (item.headers.get("filename").and_then(Value::as_str).unwrap_or_default().to_owned(), false)
            }
            _ => (String::new(), false),
        };
        let trace = payload.pointer("/contexts/trace/trace_id").and_then(Value::as_str).unwrap_or_default();
        Self { kind: item.kind.clone(), text, trace: trace.chars().take(8).collect(), failed }
    }

    /// Of a request, where it was not taken.
    pub fn of_refused(request: &Request) -> Option<Self> {
        let why = match &request.answer {
            Answer::Taken => return None,
            Answer::Malformed(why) => why.to_string(),
            Answer::Refused(status) => format!("with status {status}: {} {}", request.method, request.target),
            Answer::Failed(failure) => format!("as told: {failure}"),
        };
        Some(Self { kind: "refused".to_owned(), text: why, failed: true, ..Self::default() })
    }

    /// With the time before it, red where it tells of a failure.
    pub fn dressed(&self, time: &str, style: Style) -> String {
        match (self.failed, style) {
            (true, Style::COLOR) => format!("{time}  \x1b[31m{self}\x1b[0m"),
            _ => format!("{time}  {self}"),
        }
    }
}

/// Without the time and in columns, control characters as dots.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, text, trace, .. } = self;
        let line = format!("{} {} {}", one_line(kind, 13), one_line(text, 66), one_line(trace, 8));
        f.write_str(line.trim_end())
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn join(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("  ")
}

fn transaction(payload: &Value) -> (String, bool) {
    let trace = payload.pointer("/contexts/trace").unwrap_or(&Value::Null);
    let spans = payload.get("spans").and_then(Value::as_array).map_or(0, Vec::len);
    let spans = if spans == 0 { String::new() } else { format!("{spans} below") };
    let status = text(trace, "status");
    let failed = failed(Some(status));
    let shown = if failed { status } else { "" };
    (join(&[text(payload, "transaction"), text(trace, "op"), &spans, shown]), failed)
}

fn event(payload: &Value) -> (String, bool) {
    let exceptions = payload.get("exception").map(|all| all.get("values").unwrap_or(all));
    let raised = exceptions.and_then(|all| all.as_array()?.last()).unwrap_or(&Value::Null);
    let message = payload.get("logentry").map_or("", |entry| text(entry, "message"));
    let level = match text(payload, "level") {
        "" => "error",
        level => level,
    };
    let failed = matches!(level, "error" | "fatal");
    (join(&[level, text(raised, "type"), text(raised, "value"), text(payload, "message"), message]), failed)
}

fn losses(payload: &Value) -> String {
    let lines = payload.get("discarded_events").and_then(Value::as_array);
    let line = |line: &Value| {
        let quantity = line.get("quantity").and_then(Value::as_u64).unwrap_or_default();
        format!("{quantity} {} lost: {}", text(line, "category"), text(line, "reason"))
    };
    lines.into_iter().flatten().map(line).collect::<Vec<_>>().join(", ")
}

/// The first entry of a container, and how many more there are.
fn contained(payload: &Value) -> String {
    let entries = payload.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let Some(first) = entries.first() else { return String::new() };
    let value = first.get("value").map(Value::to_string).unwrap_or_default();
    let more = if entries.len() > 1 { format!("and {} more", entries.len() - 1) } else { String::new() };
    join(&[text(first, "level"), text(first, "body"), text(first, "name"), &value, &more])
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use serde_json::json;

    use super::*;
    use crate::receiver::Payload;

    fn line(kind: &str, payload: Value) -> String {
        Line::of(&Item {
            kind: kind.to_owned(),
            request: 0,
            received_at: SystemTime::UNIX_EPOCH,
            envelope: Default::default(),
            headers: Default::default(),
            payload: Payload::Json(payload),
        })
        .to_string()
    }

    #[test]
    fn every_kind_says_what_it_is_about() {
        let trace = json!({"trace": {"trace_id": "4bf92f3577b34da6", "op": "http.server", "status": "internal_error"}});
        let seen = line("transaction", json!({"transaction": "GET /", "contexts": trace, "spans": [{}, {}]}));
        assert!(seen.starts_with("transaction   GET /  http.server  2 below  internal_error"), "{seen}");
        assert!(seen.ends_with(" 4bf92f35"), "{seen}");
        let exceptions = json!({"values": [{"type": "Cause"}, {"type": "Declined", "value": "no\u{1b}[2J"}]});
        assert_eq!(line("event", json!({"exception": exceptions})), "event         error  Declined  no·[2J");
        assert_eq!(line("check_in", json!({"monitor_slug": "nightly", "status": "ok"})), "check_in      nightly  ok");
        let report = json!({"discarded_events": [{"quantity": 3, "category": "error", "reason": "network_error"}]});
        assert_eq!(line("client_report", report), "client_report 3 error lost: network_error");
        let logs = json!({"items": [{"level": "warn", "body": "slow"}, {}, {}]});
        assert_eq!(line("log", logs), "log           warn  slow  and 2 more");
        assert_eq!(line("something_new", json!([1])), "something_new");
    }
}
