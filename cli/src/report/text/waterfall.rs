//! A trace as a waterfall.

use super::super::{Row, Trace};
use super::page::{Ink, Page, WIDTH, counted, duration, left, right};

const OP: usize = 15;
const BAR: usize = 30;
const TIME: usize = 9;
const NAME: usize = WIDTH - OP - BAR - TIME - 4;
/// Longer traces are cut here; the page says how much is left out.
const MAX_ROWS: usize = 40;

pub(super) fn trace(page: &mut Page, trace: &Trace, of: usize) {
    let size = format!(
        "{}, {}, {}; 1 of {}",
        counted(trace.transactions, "transaction"),
        counted(trace.rows.len(), "span"),
        duration(trace.duration),
        counted(of, "trace"),
    );
    page.title(&format!("Trace {}", left(&trace.trace_id, 32)), &size);
    for row in trace.rows.iter().take(MAX_ROWS) {
        line(page, row, trace.duration);
    }
    let more = trace.rows.len().saturating_sub(MAX_ROWS);
    if more > 0 {
        page.line(&[(Ink::Dim, format!("  and {more} more"))]);
    }
}

fn line(page: &mut Page, row: &Row, whole: f64) {
    let indent = " ".repeat((row.depth * 2).min(NAME / 2));
    let marks = if row.errors > 0 { " (!)" } else { "" };
    let mut name = format!("{indent}{}{marks}", row.name);
    if let Some(status) = row.status.as_deref().filter(|_| row.failed) {
        name = format!("{name} {status}");
    }
    let ink = match (row.failed, row.transaction) {
        (true, _) => Ink::Red,
        (false, true) => Ink::Bold,
        (false, false) => Ink::Plain,
    };
    page.line(&[
        (Ink::Plain, "  ".to_owned()),
        (Ink::Dim, left(&row.op, OP)),
        (ink, left(&name, NAME)),
        (Ink::Plain, " ".to_owned()),
        (if row.failed { Ink::Red } else { Ink::Cyan }, bar(row, whole)),
        (Ink::Plain, right(&duration(row.duration), TIME + 1)),
    ]);
}

/// Where the span lies within its trace, in eighths of a character.
fn bar(row: &Row, whole: f64) -> String {
    const LEFT_BLOCKS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = |millis: f64| {
        let share = if whole > 0.0 { (millis / whole).clamp(0.0, 1.0) } else { 0.0 };
        (share * (BAR * 8) as f64).round() as usize
    };
    // A cell is filled from its left, so a bar begins with a whole cell; nothing is too short to be seen.
    let start = (eighths(row.offset) / 8).min(BAR - 1);
    let length = eighths(row.offset + row.duration).saturating_sub(start * 8).max(1);
    left(&format!("{}{}{}", " ".repeat(start), "█".repeat(length / 8), LEFT_BLOCKS[length % 8]), BAR)
}
