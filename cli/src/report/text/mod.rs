//! The report as text, 100 columns wide.

mod page;
mod sections;
mod waterfall;

use std::io::IsTerminal;

use super::Report;
use page::Page;

/// How the text is dressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    color: bool,
}

impl Style {
    /// No colour.
    pub const PLAIN: Self = Self { color: false };
    /// Colour by terminal escapes.
    pub const COLOR: Self = Self { color: true };

    /// Colour if standard output is a terminal and `NO_COLOR` is unset or empty.
    pub fn for_stdout() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { color: !refused && std::io::stdout().is_terminal() }
    }
}

/// Cut or filled to a width, with nothing in it that moves the cursor.
pub(super) fn one_line(text: &str, width: usize) -> String {
    page::left(text, width)
}

pub(super) fn render(report: &Report, style: Style) -> String {
    let mut page = Page::new(style);
    sections::received(&mut page, report);
    sections::transactions(&mut page, &report.transactions);
    if let Some(trace) = report.telling_trace() {
        waterfall::trace(&mut page, trace, report.traces.len());
    }
    sections::caches(&mut page, &report.caches);
    sections::deliveries(&mut page, &report.deliveries);
    sections::statements(&mut page, report);
    sections::tasks(&mut page, &report.tasks);
    sections::errors(&mut page, &report.errors);
    sections::logs(&mut page, &report.logs);
    sections::monitors(&mut page, &report.monitors);
    sections::redactions(&mut page, &report.redactions);
    sections::losses(&mut page, &report.losses);
    page.into_text()
}

#[cfg(test)]
mod tests;
