//! Traces: the spans of all transactions that share a trace id, as one tree.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::protocol::{Event, Transaction};
use super::transaction::failed;

/// One trace.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Trace {
    /// Its id.
    pub trace_id: String,
    /// When it began, in Unix seconds.
    pub start: f64,
    /// From its beginning to the end of its last span, in milliseconds.
    pub duration: f64,
    /// How many transactions it has.
    pub transactions: usize,
    /// Its spans: parents before their children, siblings by their beginnings.
    pub rows: Vec<Row>,
}

/// One span of a trace.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Row {
    /// How deep it stands: 0 is a root.
    pub depth: usize,
    /// The operation.
    pub op: String,
    /// The transaction's name or the span's description.
    pub name: String,
    /// Whether it is the root span of a transaction.
    pub transaction: bool,
    /// When it began, in milliseconds after the trace.
    pub offset: f64,
    /// How long it took, in milliseconds.
    pub duration: f64,
    /// The status, where it says one.
    pub status: Option<String>,
    /// Whether the status tells of a failure.
    pub failed: bool,
    /// How many error events were captured in it.
    pub errors: usize,
    /// The data recorded on it.
    pub data: Map<String, Value>,
}

impl Trace {
    /// How much it tells, for [`Report::telling_trace`](super::Report::telling_trace).
    pub(super) fn weight(&self) -> (usize, usize) {
        let ops: BTreeSet<&str> = self.rows.iter().map(|row| row.op.as_str()).collect();
        let failed = self.rows.iter().any(|row| row.failed);
        // One screen is what a person reads; a trace that does not fit tells less with every line.
        let too_long = self.rows.len().saturating_sub(40);
        ((ops.len() * 4 + self.transactions.min(4) * 2 + usize::from(failed)).saturating_sub(too_long), self.rows.len())
    }
}

#[derive(Debug)]
struct Node {
    parent: Option<String>,
    row: Row,
    end: f64,
}

pub(super) fn all(transactions: &[Transaction], events: &[Event]) -> Vec<Trace> {
    let mut traces: BTreeMap<&str, BTreeMap<String, Node>> = BTreeMap::new();
    for transaction in transactions {
        traces.entry(&transaction.contexts.trace.trace_id).or_default().extend(nodes(transaction));
    }
    for event in events {
        let at = &event.contexts.trace;
        let node = traces.get_mut(at.trace_id.as_str()).and_then(|nodes| nodes.get_mut(&at.span_id));
        if let Some(node) = node {
            node.row.errors += 1;
        }
    }
    let mut traces: Vec<_> = traces.into_iter().map(|(id, nodes)| trace(id, &nodes)).collect();
    traces.sort_by(|a, b| a.start.total_cmp(&b.start));
    traces
}

fn nodes(transaction: &Transaction) -> impl Iterator<Item = (String, Node)> {
    let root = &transaction.contexts.trace;
    let (start, end) = (transaction.start_timestamp, transaction.timestamp);
    let data = root.data.clone();
    let whole =
        Row { transaction: true, data, ..row(root.op.as_ref(), &transaction.name, start, end, root.status.as_ref()) };
    let root = (root.span_id.clone(), Node { parent: root.parent_span_id.clone(), row: whole, end });
    let spans = transaction.spans.iter().map(|span| {
        let (start, end) = (span.start_timestamp, span.timestamp);
        let name = span.description.as_deref().unwrap_or_default();
        let row = row(span.op.as_ref(), name, start, end, span.status.as_ref());
        let row = Row { data: span.data.clone(), ..row };
        (span.span_id.clone(), Node { parent: span.parent_span_id.clone(), row, end })
    });
    std::iter::once(root).chain(spans)
}

/// A row whose offset is still absolute, in seconds.
fn row(op: Option<&String>, name: &str, start: f64, end: f64, status: Option<&String>) -> Row {
    Row {
        op: op.cloned().unwrap_or_else(|| "default".to_owned()),
        name: name.to_owned(),
        offset: start,
        duration: (end - start).max(0.0) * 1e3,
        failed: failed(status.map(String::as_str)),
        status: status.cloned(),
        ..Row::default()
    }
}

fn trace(id: &str, nodes: &BTreeMap<String, Node>) -> Trace {
    let start = nodes.values().map(|node| node.row.offset).min_by(f64::total_cmp).unwrap_or_default();
    let end = nodes.values().map(|node| node.end).max_by(f64::total_cmp).unwrap_or_default();
    let mut children: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
    for (span, node) in nodes {
        // A parent that is elsewhere (in another service, or not sampled) makes a root here.
        let parent = node.parent.as_deref().filter(|parent| nodes.contains_key(*parent));
        children.entry(parent).or_default().push(span);
    }
    let mut rows = Vec::with_capacity(nodes.len());
    let mut seen = HashSet::new();
    let mut open: Vec<(usize, &str)> = Vec::new();
    push_children(&mut open, nodes, &children, None, 0);
    while let Some((depth, span)) = open.pop() {
        // Ids that are given twice, or that make a circle, must not hang the report.
        if !seen.insert(span) {
            continue;
        }
        if let Some(node) = nodes.get(span) {
            rows.push(Row { depth, offset: (node.row.offset - start) * 1e3, ..node.row.clone() });
        }
        push_children(&mut open, nodes, &children, Some(span), depth + 1);
    }
    let transactions = rows.iter().filter(|row| row.transaction).count();
    Trace { trace_id: id.to_owned(), start, duration: (end - start) * 1e3, transactions, rows }
}

/// Puts a span's children on the stack, the earliest on top.
fn push_children<'a>(
    open: &mut Vec<(usize, &'a str)>,
    nodes: &BTreeMap<String, Node>,
    children: &BTreeMap<Option<&'a str>, Vec<&'a str>>,
    parent: Option<&'a str>,
    depth: usize,
) {
    let mut found: Vec<(f64, &str)> = Vec::new();
    for span in children.get(&parent).into_iter().flatten() {
        found.push((nodes.get(*span).map_or(0.0, |node| node.row.offset), span));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    open.extend(found.into_iter().map(|(_, span)| (depth, span)));
}
