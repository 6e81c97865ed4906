//! `watchpost completions` and `watchpost man`: what a package puts beside the binary.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Line, Misuse};

/// Write the completions of a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    watchpost completions bash > ~/.local/share/bash-completion/completions/watchpost\n  \
    watchpost completions zsh > ~/.zfunc/_watchpost\n  \
    watchpost completions fish > ~/.config/fish/completions/watchpost.fish")]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Write the manual: one page for the command, or with a directory one for each.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    watchpost man | man -l -\n  \
    watchpost man --directory /usr/local/share/man/man1")]
pub(crate) struct Man {
    /// Where the pages of all commands are written.
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl Completions {
    pub(super) fn run(&self) -> Result<ExitCode, Misuse> {
        // In one piece: a reader that has gone away is none of our business.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Line::command(), "watchpost", &mut script);
        let _ = io::stdout().write_all(&script);
        Ok(ExitCode::SUCCESS)
    }
}

impl Man {
    pub(super) fn run(&self) -> Result<ExitCode, Misuse> {
        match &self.directory {
            Some(directory) => clap_mangen::generate_to(Line::command(), directory)
                .map_err(|problem| Misuse(format!("{}: {problem}", directory.display())))?,
            None => {
                let mut page = Vec::new();
                clap_mangen::Man::new(Line::command())
                    .render(&mut page)
                    .map_err(|problem| Misuse(problem.to_string()))?;
                let _ = io::stdout().write_all(&page);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
