//! The catalogue for a person, for a script, for a page in a repository.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Catalog, Derive, Diff, Finding, Function};

/// In which form it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Tables for a person.
    #[default]
    Text,
    /// One JSON document, which `--diff` reads.
    Json,
    /// Tables for a page in a repository.
    Markdown,
}

/// A table: its title, its heads, its rows.
type Table = (&'static str, Vec<&'static str>, Vec<Vec<String>>);

impl Catalog {
    /// The catalogue in this form, with what was found.
    pub fn render(&self, format: Format, findings: &[Finding]) -> String {
        match format {
            Format::Json => {
                #[derive(Serialize)]
                struct Document<'a> {
                    #[serde(flatten)]
                    catalog: &'a Catalog,
                    findings: &'a [Finding],
                }
                json(&Document { catalog: self, findings })
            }
            Format::Text => self.text(findings),
            Format::Markdown => self.markdown(findings),
        }
    }

    fn tables(&self) -> Vec<Table> {
        let place = |file: &str, line: u32| format!("{file}:{line}");
        let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
        let functions = self.functions.iter().filter(|function| function.task.is_none());
        let functions = functions.map(|function| {
            vec![
                function.name.clone(),
                if function.is("span") { function.op.clone() } else { "-".to_owned() },
                or_dash(function.category.as_deref()),
                function.slow_ms.map_or_else(|| "-".to_owned(), duration),
                asked(function),
                place(&function.file, function.line),
            ]
        });
        let tasks = self.functions.iter().filter_map(|function| Some((function, function.task.as_ref()?)));
        let tasks = tasks.map(|(function, task)| {
            vec![
                function.name.clone(),
                or_dash(task.queue.as_deref()),
                or_dash(function.category.as_deref()),
                function.slow_ms.map_or_else(|| "-".to_owned(), duration),
                task.report.replace('_', " "),
                place(&function.file, function.line),
            ]
        });
        let monitors = self.monitors().map(|(function, cron)| {
            let minutes =
                |minutes: Option<u64>| minutes.map_or_else(|| "-".to_owned(), |minutes| format!("{minutes}m"));
            vec![
                cron.slug.clone(),
                cron.schedule.clone(),
                cron.timezone.clone().unwrap_or_else(|| "UTC".to_owned()),
                minutes(cron.checkin_margin_minutes),
                minutes(cron.max_runtime_minutes),
                place(&function.file, function.line),
            ]
        });
        let of = |derive| self.types.iter().filter(move |described| described.derive == derive);
        let contexts = of(Derive::Context);
        let contexts = contexts
            .map(|context| vec![context.name.clone(), context.type_name.clone(), place(&context.file, context.line)]);
        let users = of(Derive::User).map(|user| vec![user.type_name.clone(), place(&user.file, user.line)]);
        let errors = of(Derive::Errors).map(|error| {
            let categories = if error.categories.is_empty() { "-".to_owned() } else { error.categories.join(", ") };
            vec![error.type_name.clone(), categories, place(&error.file, error.line)]
        });
        let categories = self.categories().into_iter().map(|category| {
            let functions = self.functions.iter().filter(|function| function.category_or_default() == Some(category));
            let types = of(Derive::Errors).filter(|error| error.categories.iter().any(|known| known == category));
            let from = functions.map(|function| function.name.clone());
            let from: Vec<_> = from.chain(types.map(|error| error.type_name.clone())).collect();
            vec![category.to_owned(), from.join(", ")]
        });
        vec![
            ("functions", vec!["name", "op", "category", "slow", "asked for", "where"], functions.collect()),
            ("tasks", vec!["name", "queue", "category", "slow", "reported", "where"], tasks.collect()),
            ("cron monitors", vec!["slug", "schedule", "time zone", "margin", "longest", "where"], monitors.collect()),
            ("contexts", vec!["name", "type", "where"], contexts.collect()),
            ("users", vec!["type", "where"], users.collect()),
            ("error types", vec!["type", "categories", "where"], errors.collect()),
            ("categories", vec!["category", "from"], categories.collect()),
        ]
    }

    fn text(&self, findings: &[Finding]) -> String {
        let mut out = String::new();
        for (title, heads, rows) in self.tables().into_iter().filter(|(_, _, rows)| !rows.is_empty()) {
            let gap = if out.is_empty() { "" } else { "\n" };
            let _ = writeln!(out, "{gap}{title} ({})", rows.len());
            let heads: Vec<String> = heads.into_iter().map(str::to_owned).collect();
            let width =
                |at: usize| rows.iter().chain([&heads]).map(|row| row[at].chars().count()).max().unwrap_or_default();
            let widths: Vec<usize> = (0..heads.len()).map(width).collect();
            for row in [&heads].into_iter().chain(&rows) {
                let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
                let _ = writeln!(out, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
            }
        }
        if out.is_empty() {
            out.push_str("nothing is annotated\n");
        }
        for finding in findings {
            let _ = writeln!(out, "\nfinding: {finding}");
            for place in &finding.places {
                let _ = writeln!(out, "  {place}");
            }
            let _ = writeln!(out, "  change: {}", finding.change);
        }
        out
    }

    fn markdown(&self, findings: &[Finding]) -> String {
        let mut out = "# What is monitored\n".to_owned();
        for (title, heads, rows) in self.tables().into_iter().filter(|(_, _, rows)| !rows.is_empty()) {
            let (first, rest) = title.split_at(1);
            let _ = writeln!(out, "\n## {}{rest}\n| {} |", first.to_uppercase(), heads.join(" | "));
            let _ = writeln!(out, "|{}", "---|".repeat(heads.len()));
            for row in rows {
                let cells: Vec<_> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
                let _ = writeln!(out, "| {} |", cells.join(" | "));
            }
        }
        if !findings.is_empty() {
            out.push_str("\n## Findings\n");
        }
        for finding in findings {
            let _ = writeln!(out, "- {finding}: {}. To change: {}.", finding.places.join("; "), finding.change);
        }
        out
    }
}

impl Diff {
    /// The difference in this form.
    pub fn render(&self, format: Format) -> String {
        if format == Format::Json {
            return json(self);
        }
        if self.is_empty() {
            return "nothing has changed\n".to_owned();
        }
        let mark = if format == Format::Markdown { "- " } else { "" };
        let mut out = String::new();
        for added in &self.added {
            let _ = writeln!(out, "{mark}added: {added}");
        }
        for removed in &self.removed {
            let _ = writeln!(out, "{mark}removed: {removed}");
        }
        for change in &self.changed {
            let _ =
                writeln!(out, "{mark}changed: {}: {} was {}, is {}", change.of, change.word, change.from, change.to);
        }
        out
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn asked(function: &Function) -> String {
    function.kinds.join(", ")
}

/// As the attributes write it.
pub(crate) fn duration(millis: u64) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    let mut rest = millis;
    let mut parts = Vec::new();
    for (unit, scale) in units {
        if rest >= scale {
            parts.push(format!("{}{unit}", rest / scale));
            rest %= scale;
        }
    }
    if parts.is_empty() { "0ms".to_owned() } else { parts.join(" ") }
}
