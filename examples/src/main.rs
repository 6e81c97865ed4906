//! Starts the booking service, plays a day's requests against it, and prints what Sentry would have been told.

use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use watchpost_cli::report::Style;
use watchpost_examples::monitoring::Monitoring;
use watchpost_examples::replay::{self, Day};
use watchpost_examples::service::Service;

/// The booking service of a barber's shop, instrumented with watchpost.
///
/// Plays a day's requests against the service, works off the queue, and ends. Without SENTRY_DSN a receiver in this
/// process takes what is sent, and a report is printed; with it everything goes there.
#[derive(Parser)]
struct Arguments {
    /// The requests to play, one JSON object a line; a bundled day by default
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The service's port on loopback; by default any that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// A Redis for the price list's cache; without one it is kept in the process
    #[arg(long, value_name = "URL", env = "REDIS_URL", hide_env_values = true)]
    redis: Option<String>,
    /// Leave the service running afterwards, until Ctrl-C
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(line) => {
            eprintln!("watchpost-examples: {line}");
            ExitCode::from(2)
        }
    }
}

/// What cannot be helped from here, in one line.
fn one_line(error: impl Display) -> String {
    error.to_string().trim().replace('\n', "; ")
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let day = arguments.input.as_deref().map_or_else(Day::bundled, Day::read).map_err(one_line)?;
    let monitoring = Monitoring::start().map_err(one_line)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(one_line)?;
    runtime.block_on(serve(arguments, &day, &monitoring))
}

async fn serve(arguments: &Arguments, day: &Day, monitoring: &Monitoring) -> Result<(), String> {
    let service = Service::start(arguments.port, arguments.redis.as_deref().filter(|url| !url.is_empty()))
        .await
        .map_err(one_line)?;
    eprintln!("the service listens on http://{}", service.address);
    let played = replay::play(day, service.address, &service.shop.keys).await.map_err(one_line)?;
    eprintln!("played {played}");
    for surprise in &played.surprises {
        eprintln!("  not expected: {surprise}");
    }
    if !service.drain(Duration::from_secs(15)).await.map_err(one_line)? {
        eprintln!("some jobs are still open");
    }
    if arguments.keep {
        print(monitoring);
        eprintln!("\nkept until Ctrl-C:\n  curl http://{}/health", service.address);
        if let Some(token) = replay::token(&service.shop.keys) {
            eprintln!("  curl -H 'authorization: Bearer {token}' http://{}/api/v1/appointments", service.address);
        }
        tokio::signal::ctrl_c().await.map_err(one_line)?;
    }
    // Only what has ended can have been told.
    service.stop().await;
    print(monitoring);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the report is what the program is for")]
fn print(monitoring: &Monitoring) {
    let (flushed, report) = monitoring.finish();
    if let Some(report) = report {
        println!("\n{}", report.text(Style::for_stdout()));
    }
    eprintln!("{} items delivered, {} pending, {} lost", flushed.delivered, flushed.pending, flushed.dropped_total());
    for (reason, count) in &flushed.dropped {
        eprintln!("  {count} lost: {reason}");
    }
}
