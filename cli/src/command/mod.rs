//! The command line: one file a command, each of which reads its words and calls the library.

mod alerts;
mod catalog;
mod completions;
mod progress;
mod receive;
mod test;
mod validate;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What ends a command early: misuse, told in one line.
#[derive(Debug)]
struct Misuse(String);

/// Exit code of a command that did its work and found something.
const FOUND: u8 = 1;
/// Exit code of misuse.
const MISUSED: u8 = 2;

/// Validate, test and look at what a program sends to Sentry.
///
/// Reads the same SENTRY_* variables as a program that is instrumented with Watchpost. Colours are for terminals, and off
/// with NO_COLOR; what takes longer than a second is told on standard error. Exit code 0: as it should be; 1: something
/// was found; 2: misuse.
#[derive(Debug, Parser)]
#[command(
    name = "watchpost",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        watchpost validate --environment production --env-file .env.production   before a deployment\n  \
        watchpost test                                                           after it: is everything taken?\n  \
        watchpost receive                                                        while developing: what would be sent?\n  \
        watchpost catalog --format markdown                                      what is instrumented\n  \
        watchpost alerts --format terraform                                      who is told when it breaks\n\n\
        `watchpost COMMAND --help` shows each command's own examples."
)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Validate(validate::Validate),
    Test(test::Test),
    Catalog(catalog::Listing),
    Alerts(alerts::Alerts),
    Receive(receive::Receive),
    Completions(completions::Completions),
    Man(completions::Man),
}

/// Whether standard output is a terminal that shows colours, and nobody has asked for none.
fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

pub(crate) fn run() -> ExitCode {
    let done = match Line::parse().command {
        Command::Validate(command) => command.run(),
        Command::Test(command) => command.run(),
        Command::Catalog(command) => command.run(),
        Command::Alerts(command) => command.run(),
        Command::Receive(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
    };
    done.unwrap_or_else(|Misuse(problem)| {
        anstream::eprintln!("watchpost: {problem}");
        ExitCode::from(MISUSED)
    })
}
