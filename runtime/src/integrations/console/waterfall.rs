//! A transaction: what took its time.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use sentry_core::protocol::{Context, Map, Span, SpanId, SpanStatus, TraceContext, Transaction, Value};

use super::sheet::{Ink, Sheet, clock, cut, duration, left, millis, pairs, right};

const OP: usize = 18;
const TIME: usize = 10;
/// Longer transactions are cut here; what is left out is said.
const MAX_ROWS: usize = 40;

pub(super) fn write(sheet: &mut Sheet, transaction: &Transaction<'_>) {
    let start = transaction.start_timestamp;
    let end = transaction.timestamp.unwrap_or(start);
    let root = match transaction.contexts.get("trace") {
        Some(Context::Trace(trace)) => (**trace).clone(),
        _ => TraceContext::default(),
    };
    sheet.gap();
    let name = transaction.name.as_deref().unwrap_or("(no name)");
    let failed = root.status.filter(|status| failed(*status));
    let mut said: Vec<_> = root.op.iter().map(|op| (Ink::Dim, op.clone())).collect();
    said.extend(failed.map(|status| (Ink::Red, status.to_string())));
    let aside = format!("{}  {}  {:.8}", duration(millis(start, end)), clock(start), root.trace_id.to_string());
    sheet.head((if failed.is_some() { Ink::Red } else { Ink::Bold }, name), &said, &aside);
    let tags = transaction.tags.iter().map(|(key, value)| (key.as_str(), Value::from(value.as_str())));
    let tags: Vec<(&str, Value)> = tags.collect();
    let facts = pairs(fields(&root.data).chain(tags.iter().map(|(key, value)| (*key, value))));
    if !facts.is_empty() {
        sheet.line(&[(Ink::Dim, format!("  {facts}"))]);
    }
    let rows = rows(&transaction.spans, root.span_id);
    for (depth, span) in rows.iter().take(MAX_ROWS) {
        row(sheet, *depth, span, start, millis(start, end));
    }
    if rows.len() > MAX_ROWS {
        sheet.line(&[(Ink::Dim, format!("  and {} more", rows.len() - MAX_ROWS))]);
    }
}

fn failed(status: SpanStatus) -> bool {
    !matches!(status, SpanStatus::Ok | SpanStatus::Cancelled | SpanStatus::UnknownError)
}

/// What the program recorded: the conventions' own keys are for the server.
fn fields(data: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    let ours = |key: &str| !["code.", "thread.", "sentry."].iter().any(|prefix| key.starts_with(prefix));
    data.iter().map(|(key, value)| (key.as_str(), value)).filter(move |(key, _)| ours(key))
}

/// The spans below the root and how deep they stand: parents before their children, siblings by their beginnings.
fn rows(spans: &[Span], root: SpanId) -> Vec<(usize, &Span)> {
    let known: HashSet<SpanId> = spans.iter().map(|span| span.span_id).collect();
    let mut children: HashMap<SpanId, Vec<&Span>> = HashMap::new();
    for span in spans {
        // A parent that is not here can only be drawn as the root.
        let parent = span.parent_span_id.filter(|parent| known.contains(parent) && *parent != span.span_id);
        children.entry(parent.unwrap_or(root)).or_default().push(span);
    }
    for siblings in children.values_mut() {
        siblings.sort_by_key(|span| std::cmp::Reverse(span.start_timestamp));
    }
    let mut rows = Vec::with_capacity(spans.len());
    let mut open: Vec<(usize, &Span)> = children.remove(&root).into_iter().flatten().map(|span| (0, span)).collect();
    while let Some((depth, span)) = open.pop() {
        rows.push((depth, span));
        // Taken out, so that ids that make a circle come to an end.
        open.extend(children.remove(&span.span_id).into_iter().flatten().map(|child| (depth + 1, child)));
    }
    rows
}

fn row(sheet: &mut Sheet, depth: usize, span: &Span, start: SystemTime, whole: f64) {
    let bar_width = (sheet.width() / 5).max(12);
    let room = sheet.width() - 2 - OP - bar_width - TIME;
    let failed = span.status.filter(|status| failed(*status));
    let slow = span.data.get("slow") == Some(&Value::Bool(true));
    let ink = match (failed, slow) {
        (Some(_), _) => Ink::Red,
        (None, true) => Ink::Yellow,
        (None, false) => Ink::Plain,
    };
    let name = format!("{}{}", " ".repeat((depth * 2).min(room / 2)), span.description.as_deref().unwrap_or_default());
    let status = failed.map(|status| format!("  {status}")).unwrap_or_default();
    let name = cut(&name, (room - 1).saturating_sub(status.chars().count())) + &status;
    let name = cut(&name, room - 1);
    let facts = pairs(fields(&span.data));
    let facts = if facts.is_empty() { facts } else { format!(" {facts}") };
    let left_over = room - 1 - name.chars().count();
    let end = span.timestamp.unwrap_or(span.start_timestamp);
    let (offset, length) = (millis(start, span.start_timestamp), millis(span.start_timestamp, end));
    sheet.line(&[
        (Ink::Dim, format!("  {}", left(span.op.as_deref().unwrap_or("default"), OP - 1) + " ")),
        (ink, name),
        (Ink::Dim, left(&facts, left_over) + " "),
        (if ink == Ink::Plain { Ink::Cyan } else { ink }, bar(offset, length, whole, bar_width)),
        (Ink::Plain, right(&duration(length), TIME)),
    ]);
}

/// Where the span lies within its transaction, in eighths of a character.
fn bar(offset: f64, length: f64, whole: f64, width: usize) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = |millis: f64| if whole > 0.0 { (millis / whole).clamp(0.0, 1.0) } else { 0.0 };
    let eighths = |millis: f64| (share(millis) * (width * 8) as f64).round() as usize;
    // A cell is filled from its left, so a bar begins with a whole cell; nothing is too short to be seen.
    let start = (eighths(offset) / 8).min(width - 1);
    let length = eighths(offset + length).saturating_sub(start * 8).max(1);
    left(&format!("{}{}{}", " ".repeat(start), "█".repeat(length / 8), PARTS[length % 8]), width)
}
