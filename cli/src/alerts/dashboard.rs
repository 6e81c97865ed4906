//! The dashboard: the guide's key metrics, and what of them the catalogue tells by name.

use super::monitor::quoted;
use crate::catalog::Catalog;

/// One field of the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Widget {
    /// Its title.
    pub title: &'static str,
    /// `line`, `table`, `big_number`, ..
    pub display: &'static str,
    /// `error-events` or `spans`.
    pub dataset: &'static str,
    /// What is computed.
    pub aggregate: &'static str,
    /// By which words it is told apart.
    pub columns: &'static [&'static str],
    /// Of which events or spans.
    pub conditions: String,
    /// Column, row, width and height, in a grid of six columns.
    pub layout: [u32; 4],
}

pub(super) fn widgets(catalog: &Catalog) -> Vec<Widget> {
    let spans = catalog.functions.iter().filter(|function| function.is("span"));
    let mut ops: Vec<_> = spans.map(|function| function.op.as_str()).collect();
    ops.sort_unstable();
    ops.dedup();
    let ops = match ops.as_slice() {
        [] => String::new(),
        ops => format!("span.op:[{}]", ops.iter().map(|op| quoted(op)).collect::<Vec<_>>().join(",")),
    };
    let widget = |title, display, dataset, aggregate, columns, conditions: &str, layout| Widget {
        title,
        display,
        dataset,
        aggregate,
        columns,
        conditions: conditions.to_owned(),
        layout,
    };
    let (errors, of_spans) = ("error-events", "spans");
    vec![
        widget("Errors", "big_number", errors, "count()", &[], "", [0, 0, 2, 1]),
        widget("Users affected", "big_number", errors, "count_unique(user)", &[], "", [2, 0, 2, 1]),
        widget(
            "Requests, p95",
            "big_number",
            of_spans,
            "p95(span.duration)",
            &[],
            "is_transaction:true span.op:http.server",
            [4, 0, 2, 1],
        ),
        widget(
            "Errors by category",
            "line",
            errors,
            "count()",
            &["error.category"],
            "has:error.category",
            [0, 1, 3, 2],
        ),
        widget(
            "Failures by type",
            "table",
            errors,
            "count()",
            &["error.category", "error.type"],
            "has:error.category",
            [3, 1, 3, 2],
        ),
        widget(
            "Slowest operations, p95",
            "table",
            of_spans,
            "p95(span.duration)",
            &["span.op", "span.description"],
            &ops,
            [0, 3, 3, 2],
        ),
        widget("Database, p95", "line", of_spans, "p95(span.duration)", &[], "span.op:db*", [3, 3, 3, 2]),
        widget(
            "Tasks by outcome",
            "line",
            of_spans,
            "count(span.duration)",
            &["task.status"],
            "has:task.name",
            [0, 5, 3, 2],
        ),
        widget("Tasks, p95", "table", of_spans, "p95(span.duration)", &["task.name"], "has:task.name", [3, 5, 3, 2]),
    ]
}
