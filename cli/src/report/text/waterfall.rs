//! A trace as a waterfall.

use super::super::{Row, Trace};
use super::page::{Ink, Page, WIDTH, counted, duration, left, right};

const OP: usize = 20;
const BAR: usize = 24;
const TIME: usize = 9;
const NAME: usize = WIDTH - OP - BAR - TIME - 4;
/// Longer traces are cut here; the page says how much is left out.
const MAX_ROWS: usize = 40;

pub(super) fn trace(page: &mut Page, trace: &Trace, of: usize) {
    let size = format!(
        "{}, {}, {}; 1 of {} traces",
        counted(trace.transactions, "transaction"),
        counted(trace.rows.len(), "span"),
        duration(trace.duration),
        of,
    );
    page.title(&format!("Trace {}", left(&trace.trace_id, 32)), &size);
    let scale = Scale::of(&trace.rows);
    for row in trace.rows.iter().take(MAX_ROWS) {
        line(page, row, &scale);
    }
    let more = trace.rows.len().saturating_sub(MAX_ROWS);
    if more > 0 {
        page.line(&[(Ink::Dim, format!("  and {more} more"))]);
    }
}

fn line(page: &mut Page, row: &Row, scale: &Scale) {
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
        (if row.failed { Ink::Red } else { Ink::Cyan }, bar(row, scale)),
        (Ink::Plain, right(&duration(row.duration), TIME + 1)),
    ]);
}

/// Where the span lies within its trace, in eighths of a character.
fn bar(row: &Row, scale: &Scale) -> String {
    const LEFT_BLOCKS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = |millis: f64| (scale.share(millis) * (BAR * 8) as f64).round() as usize;
    // A cell is filled from its left, so a bar begins with a whole cell; nothing is too short to be seen.
    let start = (eighths(row.offset) / 8).min(BAR - 1);
    let length = eighths(row.offset + row.duration).saturating_sub(start * 8).max(1);
    left(&format!("{}{}{}", " ".repeat(start), "█".repeat(length / 8), LEFT_BLOCKS[length % 8]), BAR)
}

/// How times become places. A job that waits for its next attempt would press all work into a corner, so the times in which
/// nothing runs are shortened.
#[derive(Debug)]
struct Scale {
    /// Begin and end of each time in which something runs, and the place of its begin.
    busy: Vec<(f64, f64, f64)>,
    length: f64,
}

impl Scale {
    fn of(rows: &[Row]) -> Self {
        let mut spans: Vec<(f64, f64)> = rows.iter().map(|row| (row.offset, row.offset + row.duration)).collect();
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut busy: Vec<(f64, f64, f64)> = Vec::new();
        for (start, end) in spans {
            match busy.last_mut().filter(|last| start <= last.1) {
                Some(last) => last.1 = last.1.max(end),
                None => busy.push((start, end, 0.0)),
            }
        }
        let work: f64 = busy.iter().map(|(start, end, _)| end - start).sum();
        let mut place = 0.0;
        let mut idle_since = 0.0;
        for (start, end, at) in &mut busy {
            place += (*start - idle_since).min(work / 20.0);
            *at = place;
            place += *end - *start;
            idle_since = *end;
        }
        Self { busy, length: place }
    }

    /// The place of a time within a busy one, from 0 to 1.
    fn share(&self, millis: f64) -> f64 {
        let before = self.busy.iter().rev().find(|(start, ..)| *start <= millis);
        let place = before.map_or(0.0, |(start, end, at)| at + (millis.min(*end) - start));
        if self.length > 0.0 { (place / self.length).clamp(0.0, 1.0) } else { 0.0 }
    }
}
