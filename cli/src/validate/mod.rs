//! Checks a deployment's configuration before it is deployed: every check by name, with what was found, why it matters
//! and what to change.

mod connection;
mod render;
mod rules;
mod subject;

use serde::Serialize;

pub use self::render::Format;
pub use self::subject::{Subject, Unreadable};

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// The variables: present, readable, within what is allowed.
    Config,
    /// The way to the server, step by step.
    Connectivity,
    /// What must not leave, and what must not be read on its way.
    Security,
    /// What it costs: quota and time.
    Performance,
    /// A client with this configuration, tried against a receiver in this process.
    Integration,
    /// What tells one release from another.
    Deployment,
}

impl Aspect {
    /// All of them, in the order in which they are checked.
    pub const ALL: [Self; 6] =
        [Self::Config, Self::Connectivity, Self::Security, Self::Performance, Self::Integration, Self::Deployment];
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// Not tried, because something it rests on failed or is not there.
    Skipped,
    /// Worth knowing; nothing to change.
    Note,
    /// Works, but should be changed.
    Warning,
    /// Does not work, or must not go out.
    Error,
}

impl Outcome {
    /// Whether someone has to do something.
    pub const fn is_finding(self) -> bool {
        matches!(self, Self::Warning | Self::Error)
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What it is about.
    pub aspect: Aspect,
    /// Its name: stable, for scripts.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found. Secrets are masked.
    pub finding: String,
    /// Why it matters.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub why: &'static str,
    /// What to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

impl Check {
    fn new(aspect: Aspect, name: impl Into<String>, outcome: Outcome, finding: impl Into<String>) -> Self {
        Self { aspect, name: name.into(), outcome, finding: finding.into(), why: "", change: None }
    }

    fn why(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }

    fn change(mut self, change: impl Into<String>) -> Self {
        self.change = Some(change.into());
        self
    }
}

/// Everything that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The environment that it was checked for.
    pub environment: String,
    /// The checks, by aspect.
    pub checks: Vec<Check>,
}

impl Report {
    /// Checks `subject` under each of `aspects`. `step` hears the name of each check that may take a while.
    pub fn of(subject: &Subject, aspects: &[Aspect], step: &mut dyn FnMut(&str)) -> Self {
        let checks = aspects
            .iter()
            .flat_map(|aspect| match aspect {
                Aspect::Config => rules::config(subject),
                Aspect::Connectivity => connection::checks(subject, step),
                Aspect::Security => rules::security(subject),
                Aspect::Performance => rules::performance(subject),
                Aspect::Integration => rules::integration(subject),
                Aspect::Deployment => rules::deployment(subject),
            })
            .collect();
        Self { environment: subject.environment().to_string(), checks }
    }

    /// How many checks want something changed.
    pub fn findings(&self) -> usize {
        self.checks.iter().filter(|check| check.outcome.is_finding()).count()
    }
}
