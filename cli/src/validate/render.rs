//! The report for a person, for a script, for a page.

use std::fmt::Write as _;

use super::{Check, Outcome, Report};

/// In which form a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Lines for a person.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// One self-contained page.
    Html,
}

impl Report {
    /// The report in this form. `verbose` shows what passed as well; only text leaves that out. `colour` is for text.
    pub fn render(&self, format: Format, verbose: bool, colour: bool) -> String {
        match format {
            Format::Text => self.text(verbose, colour),
            Format::Json => serde_json::to_string_pretty(self).unwrap_or_default() + "\n",
            Format::Html => self.html(),
        }
    }

    fn text(&self, verbose: bool, colour: bool) -> String {
        let mut out = format!("Watchpost: the configuration for {}\n", self.environment);
        let mut aspect = None;
        for check in self.checks.iter().filter(|check| verbose || check.outcome != Outcome::Pass) {
            if aspect != Some(check.aspect) {
                aspect = Some(check.aspect);
                let _ = write!(out, "\n{}\n", format!("{:?}", check.aspect).to_lowercase());
            }
            let (mark, code) = mark(check.outcome);
            let mark = if colour { format!("\x1b[{code}m{mark}\x1b[0m") } else { mark.to_owned() };
            let _ = writeln!(out, "  {mark} {}: {}", check.name, check.finding);
            if check.outcome.is_finding() || verbose {
                explain(&mut out, check);
            }
        }
        let passed = self.checks.iter().filter(|check| check.outcome == Outcome::Pass).count();
        let findings = self.findings();
        let _ = writeln!(out, "\n{passed} passed, {findings} to change, {} in all", self.checks.len());
        out
    }

    fn html(&self) -> String {
        let mut rows = String::new();
        for check in &self.checks {
            let change = check.change.as_deref().filter(|_| check.outcome.is_finding()).unwrap_or_default();
            let _ = writeln!(
                rows,
                "<tr class=\"{0}\"><td>{0}</td><td>{1}</td><td>{2}</td><td>{3}</td><td>{4}</td><td>{5}</td></tr>",
                format!("{:?}", check.outcome).to_lowercase(),
                format!("{:?}", check.aspect).to_lowercase(),
                escaped(&check.name),
                escaped(&check.finding),
                escaped(check.why),
                escaped(change)
            );
        }
        let (environment, findings, all) = (escaped(&self.environment), self.findings(), self.checks.len());
        include_str!("page.html")
            .replace("{environment}", &environment)
            .replace("{summary}", &format!("{findings} to change of {all} checks"))
            .replace("{rows}", &rows)
    }
}

fn explain(out: &mut String, check: &Check) {
    if !check.why.is_empty() {
        let _ = writeln!(out, "      why: {}", check.why);
    }
    if let Some(change) = check.change.as_ref().filter(|_| check.outcome.is_finding()) {
        let _ = writeln!(out, "      change: {change}");
    }
}

/// A word as wide as every other, and its colour on a terminal.
fn mark(outcome: Outcome) -> (&'static str, u8) {
    match outcome {
        Outcome::Pass => ("ok     ", 32),
        Outcome::Skipped => ("skipped", 90),
        Outcome::Note => ("note   ", 36),
        Outcome::Warning => ("warning", 33),
        Outcome::Error => ("error  ", 31),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
