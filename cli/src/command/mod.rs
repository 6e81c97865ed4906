//! The command line: one file a command, each of which reads its words and calls the library.

mod catalog;
mod progress;
mod receive;
mod validate;

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
#[derive(Debug, Parser)]
#[command(name = "watchpost", version, max_term_width = 100, arg_required_else_help = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Validate(validate::Validate),
    Catalog(catalog::Listing),
    Receive(receive::Receive),
}

pub(crate) fn run() -> ExitCode {
    let done = match Line::parse().command {
        Command::Validate(command) => command.run(),
        Command::Catalog(command) => command.run(),
        Command::Receive(command) => command.run(),
    };
    done.unwrap_or_else(|Misuse(problem)| {
        anstream::eprintln!("watchpost: {problem}");
        ExitCode::from(MISUSED)
    })
}
