//! Error events, by what Sentry would group them by.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde_json::{Map, Value};

use super::protocol::{Event, ProtocolFrame, Transaction};

/// Contexts that the SDK and the platform fill in; a person looks for the others.
const PLATFORM_CONTEXTS: [&str; 12] = [
    "app",
    "browser",
    "cloud_resource",
    "culture",
    "device",
    "gpu",
    "os",
    "otel",
    "response",
    "runtime",
    "rust",
    "trace",
];

/// Error events that Sentry would show as one issue.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ErrorGroup {
    /// The exception's type; `message` for an event without one.
    pub kind: String,
    /// The exception's value or the message, of the first event.
    pub value: String,
    /// What caused it: type and value of the errors below, outermost first.
    pub causes: Vec<String>,
    /// The tag `error.category`.
    pub category: Option<String>,
    /// The level.
    pub level: String,
    /// How many events there were.
    pub count: usize,
    /// The contexts of the first event, without those of the platform.
    pub contexts: BTreeMap<String, Map<String, Value>>,
    /// The functions it went through, innermost first; closures only where no function has a name.
    pub frames: Vec<Frame>,
    /// The transactions it happened in.
    pub transactions: BTreeSet<String>,
    /// When the first and the last happened, in Unix seconds.
    pub seen: (f64, f64),
    /// The trace of the first event.
    pub trace_id: String,
    /// The tags of the first event.
    pub tags: BTreeMap<String, String>,
    /// The user of the first event.
    pub user: Map<String, Value>,
    /// What happened before the first event, oldest first.
    pub breadcrumbs: Vec<Breadcrumb>,
}

/// Something that happened before an error.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Breadcrumb {
    /// When, in Unix seconds.
    pub timestamp: f64,
    /// The category; its type where it has none.
    pub category: Option<String>,
    /// The message.
    pub message: Option<String>,
    /// What else is known.
    pub data: Map<String, Value>,
}

/// A function that an error went through.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Frame {
    /// Module path and function.
    pub function: String,
    /// The source file.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// The variables that were recorded.
    pub variables: Map<String, Value>,
}

pub(super) fn groups(events: &[Event], transactions: &[Transaction]) -> Vec<ErrorGroup> {
    let mut groups: Vec<(Vec<String>, ErrorGroup)> = Vec::new();
    let places = places(transactions);
    for event in events {
        let mut group = of(event);
        let at = &event.contexts.trace;
        let place = places.get(&(at.trace_id.as_str(), at.span_id.as_str()));
        group.transactions.extend(event.transaction.clone().or_else(|| place.map(|name| (*name).to_owned())));
        let key = key(event, &group);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => {
                known.count += 1;
                known.transactions.extend(group.transactions);
                known.seen = (known.seen.0.min(event.timestamp), known.seen.1.max(event.timestamp));
            }
            None => groups.push((key, group)),
        }
    }
    let mut groups: Vec<ErrorGroup> = groups.into_iter().map(|(_, group)| group).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}

/// The transaction of each span, for events that do not name theirs.
fn places(transactions: &[Transaction]) -> HashMap<(&str, &str), &str> {
    let mut places = HashMap::new();
    for transaction in transactions {
        let root = &transaction.contexts.trace;
        for span in transaction.spans.iter().map(|span| &span.span_id).chain([&root.span_id]) {
            places.insert((root.trace_id.as_str(), span.as_str()), transaction.name.as_str());
        }
    }
    places
}

/// The fingerprint; by default type, category and the innermost function, and of a plain message its text.
fn key(event: &Event, group: &ErrorGroup) -> Vec<String> {
    let place = group.frames.first().map_or_else(|| group.value.clone(), |frame| frame.function.clone());
    let default = [group.kind.clone(), group.category.clone().unwrap_or_default(), place];
    if event.fingerprint.is_empty() {
        return default.into();
    }
    let expand = |part: &String| match part.as_str() {
        "{{ default }}" | "{{default}}" => default.to_vec(),
        _ => vec![part.clone()],
    };
    event.fingerprint.iter().flat_map(expand).collect()
}

fn of(event: &Event) -> ErrorGroup {
    // The protocol has the root cause first and the error that was raised last.
    let mut chain = event.exception.iter().rev();
    let raised = chain.next();
    let text = event.message.as_ref().or(event.logentry.as_ref());
    let frames = event.exception.iter().rev().find_map(|exception| exception.stacktrace.as_ref());
    let frames = frames.into_iter().flat_map(|stack| stack.frames.iter().rev());
    let frames: Vec<_> = frames.filter(|frame| frame.in_app != Some(false)).map(frame).collect();
    // Closures and futures stand between functions that have names; a person looks for the names.
    let named: Vec<_> = frames.iter().filter(|frame| !frame.function.contains('{')).cloned().collect();
    ErrorGroup {
        kind: raised.and_then(|exception| exception.kind.clone()).unwrap_or_else(|| "message".to_owned()),
        value: raised.and_then(|exception| exception.value.as_ref()).or(text).cloned().unwrap_or_default(),
        causes: chain.map(|cause| one_line(cause.kind.as_deref(), cause.value.as_deref())).collect(),
        category: event.tags.get("error.category").cloned(),
        level: event.level.clone().unwrap_or_else(|| "error".to_owned()),
        count: 1,
        contexts: contexts(&event.contexts.others),
        frames: if named.is_empty() { frames } else { named },
        transactions: BTreeSet::new(),
        seen: (event.timestamp, event.timestamp),
        trace_id: event.contexts.trace.trace_id.clone(),
        tags: event.tags.clone(),
        user: event.user.clone(),
        breadcrumbs: event.breadcrumbs.clone(),
    }
}

fn one_line(kind: Option<&str>, value: Option<&str>) -> String {
    [kind, value].into_iter().flatten().collect::<Vec<_>>().join(": ")
}

fn contexts(all: &Map<String, Value>) -> BTreeMap<String, Map<String, Value>> {
    let own = all.iter().filter(|(name, _)| !PLATFORM_CONTEXTS.contains(&name.as_str()));
    let fields = |value: &Value| {
        let mut fields = value.as_object().cloned().unwrap_or_default();
        fields.remove("type");
        fields
    };
    own.map(|(name, value)| (name.clone(), fields(value))).collect()
}

fn frame(frame: &ProtocolFrame) -> Frame {
    let function = frame.function.as_deref().unwrap_or("?");
    let function = match frame.module.as_deref() {
        Some(module) if !function.starts_with(module) => format!("{module}::{function}"),
        _ => function.to_owned(),
    };
    let file = frame.filename.clone().or_else(|| frame.abs_path.clone());
    Frame { function, file, line: frame.lineno, variables: frame.vars.clone() }
}
