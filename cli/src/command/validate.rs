//! `watchpost validate`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use watchpost::Environment;
use watchpost_cli::validate::{Aspect, Format, Report, Subject};

use super::progress::Progress;
use super::{FOUND, Misuse, colour};

/// Check the configuration before it is deployed.
///
/// Reads the SENTRY_* variables, from the process and from a file, and says of each check what was found, why it
/// matters and what to change. Exit code 0: nothing to change; 1: something is; 2: misuse.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    watchpost validate --environment production --env-file .env.production\n  \
    watchpost validate --check-type connectivity --verbose\n  \
    watchpost validate --format html --output report.html")]
pub(crate) struct Validate {
    /// The environment it is for; without it, the one that SENTRY_ENVIRONMENT names.
    #[arg(long, value_enum)]
    environment: Option<Stage>,
    /// What to check; may be given more than once.
    #[arg(long, value_enum, default_value = "all")]
    check_type: Vec<CheckType>,
    /// A file of NAME=value lines that win over the process's variables.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// The form of the report.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where the report is written, instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show what passed as well.
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Stage {
    Development,
    Staging,
    Production,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CheckType {
    All,
    Config,
    Connectivity,
    Security,
    Performance,
    Integration,
    Deployment,
}

impl CheckType {
    fn aspects(self) -> Vec<Aspect> {
        match self {
            Self::All => Aspect::ALL.to_vec(),
            Self::Config => vec![Aspect::Config],
            Self::Connectivity => vec![Aspect::Connectivity],
            Self::Security => vec![Aspect::Security],
            Self::Performance => vec![Aspect::Performance],
            Self::Integration => vec![Aspect::Integration],
            Self::Deployment => vec![Aspect::Deployment],
        }
    }
}

impl Validate {
    pub(super) fn run(self) -> Result<ExitCode, Misuse> {
        let environment = self.environment.map(|stage| match stage {
            Stage::Development => Environment::Development,
            Stage::Staging => Environment::Staging,
            Stage::Production => Environment::Production,
        });
        let subject =
            Subject::read(self.env_file.as_deref(), environment).map_err(|problem| Misuse(problem.to_string()))?;
        let mut aspects: Vec<Aspect> = self.check_type.iter().flat_map(|check| check.aspects()).collect();
        aspects.sort_unstable();
        aspects.dedup();
        let progress = Progress::start();
        let report = Report::of(&subject, &aspects, &mut |step| progress.step(step));
        drop(progress);
        let text = report.render(self.format, self.verbose, self.output.is_none() && colour());
        match &self.output {
            Some(file) => {
                fs::write(file, text).map_err(|problem| Misuse(format!("{}: {problem}", file.display())))?;
                anstream::println!("{} to change; the report is in {}", report.findings(), file.display());
            }
            None => anstream::print!("{text}"),
        }
        Ok(if report.findings() > 0 { ExitCode::from(FOUND) } else { ExitCode::SUCCESS })
    }
}
