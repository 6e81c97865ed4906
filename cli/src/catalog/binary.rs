//! The program asked itself.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{Catalog, Unreadable};

impl Catalog {
    /// Runs a program with `WATCHPOST_CATALOG=json`, which one that is built with the feature `catalog` answers where it
    /// would begin to be monitored. Its own `SENTRY_*` variables are kept from it, so that nothing is sent.
    ///
    /// # Errors
    /// It cannot be run, or does not answer.
    pub fn of_binary(program: &Path) -> Result<Self, Unreadable> {
        let told = |problem: &dyn std::fmt::Display| Unreadable(format!("{}: {problem}", program.display()));
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SENTRY_") {
                command.env_remove(name);
            }
        }
        let output = command
            .env("WATCHPOST_CATALOG", "json")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .map_err(|problem| told(&problem))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let line = said.lines().rev().find(|line| line.starts_with('{') && line.contains("\"watchpost_catalog\""));
        let line = line.ok_or_else(|| {
            told(&"it does not tell its catalogue: build it with the feature `catalog` of watchpost, and let it call `init`")
        })?;
        Self::from_json(line).map(Self::sorted)
    }
}
