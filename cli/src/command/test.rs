//! `watchpost test`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use watchpost_cli::test::{Report, Trial};
use watchpost_cli::validate::Subject;

use super::progress::Progress;
use super::{FOUND, Misuse, colour};

/// Send real items of each kind, and check that the server takes each one.
///
/// Sends to SENTRY_DSN, whatever the rates, through the same client and redaction as a program: messages, errors,
/// transactions, a metric, check-ins. Of each it tells the server's status, whether it answers with the item's id, and the
/// rate limits it names; what left is checked as well: contexts, tags, traces, and that no planted secret is in it.
/// Events and transactions have the tag `watchpost.test`. The cron test makes the monitor `watchpost-test`, which is due once a year.
///
/// Without SENTRY_DSN a receiver in this process takes everything, and what came is checked.
/// Exit code 0: all as it should be; 1: something is not; 2: misuse, a wrong configuration included.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    watchpost test\n  \
    watchpost test --test-type payment --test-type redaction --verbose\n  \
    SENTRY_DSN=https://key@o1.ingest.sentry.io/42 SENTRY_ENVIRONMENT=staging watchpost test\n  \
    watchpost test --env-file .env.staging --format json | jq '.trials[] | select(.problems != [])'")]
pub(crate) struct Test {
    /// What to try; may be given more than once.
    #[arg(long, value_enum, default_value = "all")]
    test_type: Vec<TestType>,
    /// A file of NAME=value lines that win over the process's variables.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// The form of the report.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Show every envelope with its answer, and everything that was seen to be right.
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines for a person.
    Text,
    /// One JSON document.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TestType {
    All,
    Basic,
    Database,
    Payment,
    Booking,
    Integration,
    Performance,
    Tasks,
    Cron,
    Redaction,
    User,
    Filter,
}

impl TestType {
    fn trials(self) -> Vec<Trial> {
        match self {
            Self::All => Trial::ALL.to_vec(),
            Self::Basic => vec![Trial::Basic],
            Self::Database => vec![Trial::Database],
            Self::Payment => vec![Trial::Payment],
            Self::Booking => vec![Trial::Booking],
            Self::Integration => vec![Trial::Integration],
            Self::Performance => vec![Trial::Performance],
            Self::Tasks => vec![Trial::Tasks],
            Self::Cron => vec![Trial::Cron],
            Self::Redaction => vec![Trial::Redaction],
            Self::User => vec![Trial::User],
            Self::Filter => vec![Trial::Filter],
        }
    }
}

impl Test {
    pub(super) fn run(self) -> Result<ExitCode, Misuse> {
        let told = |problem: &dyn std::fmt::Display| Misuse(problem.to_string());
        let subject = Subject::read(self.env_file.as_deref(), None).map_err(|problem| told(&problem))?;
        let config = subject.into_config().map_err(|problem| told(&problem))?;
        let mut trials: Vec<Trial> = self.test_type.iter().flat_map(|kind| kind.trials()).collect();
        trials.sort_unstable();
        trials.dedup();
        let progress = Progress::start();
        // What the SDK says in debug mode would stand between the lines of the report.
        let report = Report::of(config.debug(false), &trials, &mut |step| progress.step(step));
        drop(progress);
        let report = report.map_err(|problem| told(&problem))?;
        match self.format {
            Format::Text => anstream::print!("{}", report.text(self.verbose, colour())),
            Format::Json => anstream::println!("{}", serde_json::to_string_pretty(&report).unwrap_or_default()),
        }
        Ok(if report.failed() > 0 { ExitCode::from(FOUND) } else { ExitCode::SUCCESS })
    }
}
