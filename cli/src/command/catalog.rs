//! `watchpost catalog`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use watchpost_cli::catalog::{Catalog, Diff, Format, Unreadable};

use super::progress::Progress;
use super::{FOUND, Misuse};

/// List what is instrumented: functions, tasks, cron monitors, contexts, error categories, and where.
///
/// Reads the sources without a build: the libraries and programs of the Cargo packages in the directory, every feature on,
/// tests left out; what macros write is not seen. A BINARY is executed with WATCHPOST_CATALOG=json instead, which a program
/// that is built with the feature `catalog` answers where it calls `init`, and ends; what it does before that it does.
///
/// Two spans of one name, or two monitors of one slug, are findings. Exit code 0: none; 1: some; 2: misuse.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    watchpost catalog\n  \
    watchpost catalog --source services/booking --format markdown > MONITORING.md\n  \
    watchpost catalog target/release/booking --format json > catalog.json\n  \
    watchpost catalog --diff catalog.json")]
pub(crate) struct Listing {
    #[command(flatten)]
    from: From,
    /// The form of the list.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Show what has changed since this list, which `--format json` has written.
    #[arg(long, value_name = "OLD.json")]
    diff: Option<PathBuf>,
}

/// Where a catalogue comes from.
#[derive(Debug, Args)]
pub(super) struct From {
    /// The directory whose sources are read.
    #[arg(long, value_name = "DIR", default_value = ".", conflicts_with = "binary")]
    source: PathBuf,
    /// A program that is executed and tells its own.
    #[arg(value_name = "BINARY")]
    binary: Option<PathBuf>,
}

impl From {
    pub(super) fn catalog(&self) -> Result<Catalog, Misuse> {
        let progress = Progress::start();
        match &self.binary {
            Some(binary) => {
                progress.step(&format!("waiting for {}", binary.display()));
                Catalog::of_binary(binary)
            }
            None => {
                progress.step(&format!("reading {}", self.source.display()));
                Catalog::of_source(&self.source)
            }
        }
        .map_err(|problem| Misuse(problem.to_string()))
    }
}

impl Listing {
    pub(super) fn run(&self) -> Result<ExitCode, Misuse> {
        let catalog = self.from.catalog()?;
        let findings = catalog.findings();
        let text = match &self.diff {
            None => catalog.render(self.format, &findings),
            Some(old) => {
                let told = |problem: &dyn std::fmt::Display| Misuse(format!("{}: {problem}", old.display()));
                let text = fs::read_to_string(old).map_err(|problem| told(&problem))?;
                let old = Catalog::from_json(&text).map_err(|problem: Unreadable| told(&problem))?;
                Diff::between(&old, &catalog).render(self.format)
            }
        };
        anstream::print!("{text}");
        if self.diff.is_some() {
            for finding in &findings {
                anstream::eprintln!("watchpost: {finding}: {}", finding.places.join("; "));
            }
        }
        Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
    }
}
