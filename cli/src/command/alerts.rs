//! `watchpost alerts`.

use std::process::ExitCode;

use clap::Args;
use watchpost_cli::alerts::{Format, Place, Plan};

use super::Misuse;
use super::catalog::From;

/// Write monitors, alerts and a dashboard for what is instrumented.
///
/// The three rules of the guide (more than 100 errors in 5 minutes; requests slower than 2000 ms; more than 5 payment
/// errors in 1 minute), and one for each error category, slow limit and cron monitor that `watchpost catalog` finds.
/// Nothing is sent: the output is for you to read, to apply with Terraform, or to post with a token of your own.
///
/// `sentry-api` is a list of requests in their order: `path` and `body` of each, and for alerts in `connect` the requests
/// whose answers' ids go to `detectorIds`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    watchpost alerts\n  \
    watchpost alerts --format terraform --organization acme --project booking --environment production > sentry.tf\n  \
    watchpost alerts --format sentry-api --route /api/v1/appointments target/release/booking\n  \
    watchpost alerts --dashboard | jq .body")]
pub(crate) struct Alerts {
    #[command(flatten)]
    from: From,
    /// The form of the rules.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The organization's slug in Sentry.
    #[arg(long, value_name = "SLUG", default_value = "my-organization")]
    organization: String,
    /// The project's slug in Sentry.
    #[arg(long, value_name = "SLUG", default_value = "my-project")]
    project: String,
    /// Watch this environment alone.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// The route that the rule of slow requests is about, instead of all.
    #[arg(long, value_name = "ROUTE")]
    route: Option<String>,
    /// The dashboard alone, as a request to Sentry's API.
    #[arg(long, conflicts_with = "format")]
    dashboard: bool,
}

impl Alerts {
    pub(super) fn run(self) -> Result<ExitCode, Misuse> {
        let Self { from, format, organization, project, environment, route, dashboard } = self;
        let plan = Plan::of(&from.catalog()?, Place { organization, project, environment, route });
        anstream::print!("{}", if dashboard { plan.dashboard() } else { plan.render(format) });
        Ok(ExitCode::SUCCESS)
    }
}
