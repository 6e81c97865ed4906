//! What is validated: variables from a file over those of the process, and what they come to.

use std::path::Path;
use std::{env, fmt};

use watchpost::config::{Problem, Settings};
use watchpost::{Config, ConfigErrors, Environment};

/// A configuration to be checked.
#[derive(Debug)]
pub struct Subject {
    config: Result<Config, ConfigErrors>,
    /// What a configuration without the variables that are wrong comes to, so that the other checks can go on.
    settings: Settings,
    environment: Environment,
    asked: bool,
}

/// The file of variables cannot be read.
#[derive(Debug)]
pub struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

impl Subject {
    /// The variables of the process, and over them those of a file in the form of `.env`.
    ///
    /// `environment` says for which environment it is checked; without it, for the one that the variables name.
    ///
    /// # Errors
    /// The file is not there, or a line of it is no assignment.
    pub fn read(file: Option<&Path>, environment: Option<Environment>) -> Result<Self, Unreadable> {
        let mut variables: Vec<(String, String)> = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
            .collect();
        if let Some(file) = file {
            let told = |problem: &dyn fmt::Display| Unreadable(format!("{}: {problem}", file.display()));
            for pair in dotenvy::from_path_iter(file).map_err(|problem| told(&problem))? {
                // The line may hold a secret: only its place is told.
                variables.push(pair.map_err(|_| told(&"a line is no assignment `NAME=value`"))?);
            }
        }
        Ok(Self::of(variables, environment))
    }

    /// Variables given as pairs; of a name that comes twice the last counts.
    pub fn of(variables: Vec<(String, String)>, environment: Option<Environment>) -> Self {
        let config = Config::from_vars(variables.clone());
        let readable = match &config {
            Ok(config) => config.clone(),
            Err(errors) => {
                let wrong: Vec<&str> = errors.problems().iter().map(Problem::variable).collect();
                let rest = variables.into_iter().filter(|(name, _)| !wrong.contains(&name.as_str()));
                Config::from_vars(rest).unwrap_or_else(|_| Config::for_environment(Environment::default()))
            }
        };
        let asked = environment.is_some();
        let environment = environment.unwrap_or_else(|| readable.settings().environment);
        let named = readable.settings().environment_is_named;
        // Asked for an environment that the variables leave open, the preset that a deployment there would have counts.
        let readable = if asked && !named { readable.environment(environment.clone()) } else { readable };
        let mut settings = readable.settings();
        settings.environment_is_named = named;
        Self { config, settings, environment, asked }
    }

    /// The configuration.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn into_config(self) -> Result<Config, ConfigErrors> {
        self.config
    }

    pub(super) fn problems(&self) -> Option<&ConfigErrors> {
        self.config.as_ref().err()
    }

    /// What is wrong with this variable, if something is.
    pub(super) fn problem(&self, variable: &str) -> Option<&Problem> {
        self.problems()?.problems().iter().find(|problem| problem.variable() == variable)
    }

    pub(super) fn config(&self) -> Option<&Config> {
        self.config.as_ref().ok()
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Whether the environment was asked for, and is not just what the variables say.
    pub(super) fn asked(&self) -> bool {
        self.asked
    }

    /// Whether the rules for what the public meets apply.
    pub(super) fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }

    /// Whether it is checked for a developer's own machine.
    pub(super) fn is_development(&self) -> bool {
        self.environment == Environment::Development
    }
}
