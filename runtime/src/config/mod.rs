//! What a program is configured with: text in, settings out.
//!
//! Every value has one of four sources, and the first that says something counts: code, the environment variable, the
//! preset of the environment, the default. [`VARIABLES`] is the table. Nothing that cannot be read is passed over:
//! every problem is reported, all of them at once, and whether the program runs on without monitoring is the program's
//! decision.
//!
//! ```
//! use watchpost::{Config, Environment};
//!
//! let config = Config::from_vars([
//!     ("SENTRY_DSN", "https://key@sentry.example.com/42"),
//!     ("SENTRY_ENVIRONMENT", "production"),
//!     ("SENTRY_TRACES_SAMPLE_RATE", "0.2"),
//! ])?
//! .max_breadcrumbs(50);
//!
//! let settings = config.settings();
//! assert_eq!(settings.environment, Environment::Production);
//! assert_eq!(settings.sample_rate, 0.8); // the preset of production
//! assert_eq!(settings.traces_sample_rate, 0.2); // the variable
//! assert_eq!(settings.max_breadcrumbs, 50); // code
//! assert!(settings.attach_stacktrace); // the default
//! # Ok::<(), watchpost::ConfigErrors>(())
//! ```

mod environment;
mod hooks;
mod options;
#[cfg(test)]
mod options_tests;
mod problem;
#[cfg(test)]
mod properties;
mod read;
mod release;
mod setters;
mod settings;
mod shown;
mod spotlight;
mod suggest;
#[cfg(test)]
mod tests;
mod variable;

use std::fmt;
use std::time::Duration;

pub use self::environment::Environment;
pub(crate) use self::hooks::Hooks;
pub(crate) use self::options::Installed;
pub use self::options::{init, init_with};
pub use self::problem::{ConfigErrors, Problem, Refused};
pub use self::release::{PLATFORM_VARIABLES, Release};
pub(crate) use self::settings::Filters;
use self::settings::{Extensions, Proxies};
pub use self::settings::{Sessions, Settings};
pub use self::spotlight::Spotlight;
use self::variable::Layer;
pub use self::variable::{VARIABLES, Variable};
use crate::redact::Redactor;

/// How a program is monitored: read from variables, completed by code, and then put to use.
///
/// The setters take and return it by value. What they are given is checked when it is put to use, by
/// [`Config::check`] or by `init`, together with everything else.
#[derive(Clone)]
#[must_use = "a configuration does nothing until `init` or `client_options` puts it to use"]
pub struct Config {
    code: Layer,
    variables: Layer,
    /// What code said that cannot be parsed, with its problem: it never takes the place of what can.
    refused: Vec<Problem>,
    detected: Vec<(usize, String)>,
    built: Option<Release>,
    server_name: Option<String>,
    sessions: Sessions,
    shutdown_timeout: Duration,
    storm_limit: Option<u32>,
    /// None where nothing is said.
    blocked_executor_threshold: Option<Option<Duration>>,
    console: Option<bool>,
    unsampled_timings: bool,
    proxies: Proxies,
    hooks: Hooks,
    filters: Filters,
    redactor: Redactor,
    extensions: Extensions,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A setter.
    Code,
    /// The environment variable.
    Variable,
    /// The preset of the environment.
    Preset,
    /// For the release: a platform's variable.
    Platform(&'static str),
    /// For the release: what the program knew when it was compiled.
    Build,
    /// The default.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code => "code",
            Self::Variable => "variable",
            Self::Preset => "preset",
            Self::Platform(variable) => variable,
            Self::Build => "build",
            Self::Default => "default",
        })
    }
}

impl Config {
    /// The defaults, and nothing of the process's environment.
    fn empty() -> Self {
        Self {
            code: Layer::default(),
            variables: Layer::default(),
            refused: Vec::new(),
            detected: Vec::new(),
            built: None,
            server_name: None,
            sessions: Sessions::Off,
            shutdown_timeout: Duration::from_secs(2),
            storm_limit: Some(10),
            blocked_executor_threshold: None,
            console: None,
            unsampled_timings: true,
            proxies: Proxies::default(),
            hooks: Hooks::default(),
            filters: Filters::default(),
            redactor: Redactor::new(),
            extensions: Extensions::default(),
        }
    }

    /// The preset of an environment over the defaults, without a look at the process's environment.
    ///
    /// To read the variables and have code name the environment, write
    /// `Config::from_env()?.environment(Environment::Production)`.
    pub fn for_environment(environment: impl Into<Environment>) -> Self {
        Self::empty().environment(environment)
    }

    /// Reads the environment variables of the process.
    ///
    /// # Errors
    /// Everything that is wrong with them, at once.
    pub fn from_env() -> Result<Self, ConfigErrors> {
        Self::read(std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            Some((name, value.into_string().map_err(|value| value.to_string_lossy().into_owned())))
        }))
    }

    /// Reads variables that are given as pairs of name and value. Of a name that comes twice the last counts.
    ///
    /// # Errors
    /// Everything that is wrong with them, at once.
    pub fn from_vars<N, V>(variables: impl IntoIterator<Item = (N, V)>) -> Result<Self, ConfigErrors>
    where
        N: Into<String>,
        V: Into<String>,
    {
        Self::read(variables.into_iter().map(|(name, value)| (name.into(), Ok(value.into()))))
    }

    /// Whether everything that code has set can be used; what the variables say was checked when they were read.
    ///
    /// # Errors
    /// Everything that code set and that is outside of what is allowed.
    pub fn check(&self) -> Result<(), ConfigErrors> {
        ConfigErrors::from_problems(self.refused.clone())
    }

    /// What all sources together come to.
    pub fn settings(&self) -> Settings {
        let layers = self.layers();
        let layer = layers.merged();
        // Where it matters most nobody wants events that nobody has asked for.
        let in_production = layer.environment == Some(Environment::Production);
        let by_environment = if in_production { None } else { Some(Duration::from_millis(100)) };
        let send_default_pii = layer.send_default_pii.unwrap_or_default();
        Settings {
            dsn: layer.dsn,
            environment: layer.environment.unwrap_or_default(),
            environment_is_named: self.named_environment().is_some(),
            release: self.release_and_source().map(|(release, _)| release),
            sample_rate: layer.sample_rate.unwrap_or_default(),
            traces_sample_rate: layer.traces_sample_rate.unwrap_or_default(),
            traces_rate_is_said: layers.said(|layer| layer.traces_sample_rate.is_some()),
            profiles_sample_rate: layer.profiles_sample_rate.unwrap_or_default(),
            profiling_is_asked_for: self.code.profiles_sample_rate.or(self.variables.profiles_sample_rate).is_some(),
            debug: layer.debug.unwrap_or_default(),
            send_default_pii,
            attach_stacktrace: layer.attach_stacktrace.unwrap_or_default(),
            include_local_variables: layer.include_local_variables.unwrap_or_default(),
            max_breadcrumbs: layer.max_breadcrumbs.unwrap_or_default(),
            spotlight: layer.spotlight.as_ref().and_then(Spotlight::url).map(str::to_owned),
            server_name: self.server_name.clone(),
            sessions: self.sessions,
            shutdown_timeout: self.shutdown_timeout,
            storm_limit: self.storm_limit,
            blocked_executor_threshold: self.blocked_executor_threshold.unwrap_or(by_environment),
            console: self.console,
            unsampled_timings: self.unsampled_timings,
            proxies: self.proxies.clone(),
            hooks: self.hooks.clone(),
            filters: self.filters.clone(),
            redactor: self.redactor.clone().send_default_pii(send_default_pii),
            extensions: self.extensions.clone(),
        }
    }

    /// Every variable with the value that stands for it, as text without secrets, and where that comes from. A
    /// variable that has no value is left out.
    pub fn sources(&self) -> impl Iterator<Item = (&'static Variable, String, Source)> + use<> {
        let layers = self.layers();
        let release = self.release_and_source();
        VARIABLES.iter().filter_map(move |variable| {
            if variable.name() == "SENTRY_RELEASE" {
                return release.clone().map(|(release, source)| (variable, release, source));
            }
            layers.0.iter().find_map(|(source, layer)| Some((variable, variable.show(layer)?, *source)))
        })
    }

    fn named_environment(&self) -> Option<&Environment> {
        self.code.environment.as_ref().or(self.variables.environment.as_ref())
    }

    fn layers(&self) -> Layers {
        let preset = self.named_environment().map(Layer::preset).unwrap_or_default();
        Layers([
            (Source::Code, self.code.clone()),
            (Source::Variable, self.variables.clone()),
            (Source::Preset, preset),
            (Source::Default, Layer::defaults()),
        ])
    }

    fn release_and_source(&self) -> Option<(String, Source)> {
        let said = [(&self.code, Source::Code), (&self.variables, Source::Variable)];
        let said = said.into_iter().find_map(|(layer, source)| Some((layer.release.clone()?, source)));
        let package = self.built.and_then(|built| built.package());
        let platform = || {
            self.detected.iter().find_map(|(at, value)| {
                let platform = *PLATFORM_VARIABLES.get(*at)?;
                Some((release::of_platform(package, platform, value)?, Source::Platform(platform.0)))
            })
        };
        let built = || Some((self.built?.name()?, Source::Build));
        said.or_else(platform).or_else(built)
    }
}

/// The sources of values, the first word first.
struct Layers([(Source, Layer); 4]);

impl Layers {
    /// Whether a source before the defaults says something.
    fn said(&self, something: impl Fn(&Layer) -> bool) -> bool {
        self.0.iter().any(|(source, layer)| *source != Source::Default && something(layer))
    }

    fn merged(&self) -> Layer {
        let [first, others @ ..] = &self.0;
        others.iter().fold(first.1.clone(), |merged, (_, layer)| merged.or(layer))
    }
}

impl Layer {
    /// What this says, and where it is silent what the other says.
    fn or(self, other: &Self) -> Self {
        Self {
            dsn: self.dsn.or_else(|| other.dsn.clone()),
            environment: self.environment.or_else(|| other.environment.clone()),
            release: self.release.or_else(|| other.release.clone()),
            sample_rate: self.sample_rate.or(other.sample_rate),
            traces_sample_rate: self.traces_sample_rate.or(other.traces_sample_rate),
            profiles_sample_rate: self.profiles_sample_rate.or(other.profiles_sample_rate),
            debug: self.debug.or(other.debug),
            send_default_pii: self.send_default_pii.or(other.send_default_pii),
            attach_stacktrace: self.attach_stacktrace.or(other.attach_stacktrace),
            include_local_variables: self.include_local_variables.or(other.include_local_variables),
            max_breadcrumbs: self.max_breadcrumbs.or(other.max_breadcrumbs),
            spotlight: self.spotlight.or_else(|| other.spotlight.clone()),
        }
    }
}

/// One line a variable: its value without secrets, and where it comes from.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (variable, value, source)) in self.sources().enumerate() {
            let line = if at == 0 { "" } else { "\n" };
            write!(f, "{line}{}={value} ({source})", variable.name())?;
        }
        Ok(())
    }
}

/// The settings, without secrets.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Config").field(&self.settings()).finish()
    }
}
