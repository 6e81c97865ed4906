//! The table of variables: what each may hold, and what stands where nothing is said.

use std::str::FromStr;

use sentry_core::types::{Dsn, ParseDsnError};

use super::environment::{self, Environment};
use super::problem::Refused;
use super::release;
use super::shown;
use super::spotlight::{self, Spotlight};

/// The values of one source: code, the variables, a preset, the defaults.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Layer {
    pub(super) dsn: Option<Dsn>,
    pub(super) environment: Option<Environment>,
    pub(super) release: Option<String>,
    pub(super) sample_rate: Option<f32>,
    pub(super) traces_sample_rate: Option<f32>,
    pub(super) profiles_sample_rate: Option<f32>,
    pub(super) debug: Option<bool>,
    pub(super) send_default_pii: Option<bool>,
    pub(super) attach_stacktrace: Option<bool>,
    pub(super) include_local_variables: Option<bool>,
    pub(super) max_breadcrumbs: Option<usize>,
    pub(super) spotlight: Option<Spotlight>,
}

/// One variable that the configuration reads, as the documentation prints it and as the parser uses it.
#[derive(Debug)]
pub struct Variable {
    name: &'static str,
    columns: [&'static str; 4],
    allowed: &'static str,
    meaning: &'static str,
    read: fn(&str, &mut Layer) -> Result<(), Refused>,
    show: fn(&Layer) -> Option<String>,
}

impl Variable {
    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it may hold.
    pub fn allowed(&self) -> &'static str {
        self.allowed
    }

    /// What it is for.
    pub fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// The value where nothing says one, as it would be written; empty where that is not a value.
    pub fn default_value(&self) -> &'static str {
        self.columns[0]
    }

    /// What the preset of an environment says, as it would be written, if it says anything.
    pub fn preset(&self, environment: &Environment) -> Option<&'static str> {
        let column = match environment {
            Environment::Development => 1,
            Environment::Staging => 2,
            Environment::Production => 3,
            Environment::Other(_) => return None,
        };
        Some(self.columns[column]).filter(|text| !text.is_empty())
    }

    /// Reads a value that is not empty into a layer.
    pub(super) fn read(&self, text: &str, layer: &mut Layer) -> Result<(), Refused> {
        (self.read)(text, layer).map_err(|refused| refused.allowed(self.allowed))
    }

    /// What a layer holds of it, without secrets.
    pub(super) fn show(&self, layer: &Layer) -> Option<String> {
        (self.show)(layer)
    }

    /// A value of it as a message may repeat it.
    pub(super) fn mask(&self, text: &str) -> String {
        if self.name == "SENTRY_DSN" { shown::dsn(text) } else { shown::value(text) }
    }
}

/// Every variable that the configuration reads, in the order of the documentation.
pub static VARIABLES: [Variable; 12] = [
    Variable {
        name: "SENTRY_DSN",
        columns: ["", "", "", ""],
        allowed: "a DSN as the project's settings show it, https://KEY@HOST/PROJECT",
        meaning: "Where events go. Without it nothing is sent, and nothing is spent.",
        read: |text, layer| {
            layer.dsn = Some(dsn(text)?);
            Ok(())
        },
        show: |layer| layer.dsn.as_ref().map(shown::place),
    },
    Variable {
        name: "SENTRY_ENVIRONMENT",
        columns: ["development", "", "", ""],
        allowed: environment::ALLOWED,
        meaning: "Where the program runs. A name with a column here chooses that preset; unset is the tag \
                  `development` with the defaults.",
        read: |text, layer| {
            layer.environment = Some(text.parse()?);
            Ok(())
        },
        show: |layer| layer.environment.as_ref().map(ToString::to_string),
    },
    Variable {
        name: "SENTRY_RELEASE",
        columns: ["", "", "", ""],
        allowed: release::ALLOWED,
        meaning: "The version that runs. Unset, it is detected.",
        read: |text, layer| {
            release::check(text)?;
            layer.release = Some(text.to_owned());
            Ok(())
        },
        show: |layer| layer.release.clone(),
    },
    Variable {
        name: "SENTRY_SAMPLE_RATE",
        columns: ["1.0", "1.0", "1.0", "0.8"],
        allowed: RATE,
        meaning: "The share of error events that is sent.",
        read: |text, layer| {
            layer.sample_rate = Some(rate(text)?);
            Ok(())
        },
        show: |layer| layer.sample_rate.map(show_rate),
    },
    Variable {
        name: "SENTRY_TRACES_SAMPLE_RATE",
        columns: ["0.1", "1.0", "0.5", "0.05"],
        allowed: RATE,
        meaning: "The share of transactions that is sent.",
        read: |text, layer| {
            layer.traces_sample_rate = Some(rate(text)?);
            Ok(())
        },
        show: |layer| layer.traces_sample_rate.map(show_rate),
    },
    Variable {
        name: "SENTRY_PROFILES_SAMPLE_RATE",
        columns: ["0.1", "1.0", "0.2", "0.02"],
        allowed: RATE,
        meaning: "Checked, and without effect: the SDK for Rust has no profiler.",
        read: |text, layer| {
            layer.profiles_sample_rate = Some(rate(text)?);
            Ok(())
        },
        show: |layer| layer.profiles_sample_rate.map(show_rate),
    },
    Variable {
        name: "SENTRY_DEBUG",
        columns: ["false", "true", "false", "false"],
        allowed: BOOLEAN,
        meaning: "Whether the SDK says on standard error what it does.",
        read: |text, layer| {
            layer.debug = Some(boolean(text)?);
            Ok(())
        },
        show: |layer| layer.debug.map(|on| on.to_string()),
    },
    Variable {
        name: "SENTRY_SEND_DEFAULT_PII",
        columns: ["false", "", "", "false"],
        allowed: BOOLEAN,
        meaning: "Whether a user's e-mail address, IP address and the like leave unmasked.",
        read: |text, layer| {
            layer.send_default_pii = Some(boolean(text)?);
            Ok(())
        },
        show: |layer| layer.send_default_pii.map(|on| on.to_string()),
    },
    Variable {
        name: "SENTRY_ATTACH_STACKTRACE",
        columns: ["true", "", "", ""],
        allowed: BOOLEAN,
        meaning: "Whether events carry a stack trace.",
        read: |text, layer| {
            layer.attach_stacktrace = Some(boolean(text)?);
            Ok(())
        },
        show: |layer| layer.attach_stacktrace.map(|on| on.to_string()),
    },
    Variable {
        name: "SENTRY_INCLUDE_LOCAL_VARIABLES",
        columns: ["true", "", "", "false"],
        allowed: BOOLEAN,
        meaning: "Whether the arguments named in `args(..)` are on their stack frame.",
        read: |text, layer| {
            layer.include_local_variables = Some(boolean(text)?);
            Ok(())
        },
        show: |layer| layer.include_local_variables.map(|on| on.to_string()),
    },
    Variable {
        name: "SENTRY_MAX_BREADCRUMBS",
        columns: ["100", "", "", ""],
        allowed: COUNT,
        meaning: "How many breadcrumbs an event carries at most.",
        read: |text, layer| {
            layer.max_breadcrumbs = Some(count(text)?);
            Ok(())
        },
        show: |layer| layer.max_breadcrumbs.map(|count| count.to_string()),
    },
    Variable {
        name: "SENTRY_SPOTLIGHT",
        columns: ["false", "", "", ""],
        allowed: spotlight::ALLOWED,
        meaning: "A copy of everything goes to a local Spotlight, at its usual place or at the URL.",
        read: |text, layer| {
            layer.spotlight = Some(match boolean(text) {
                Ok(on) => Spotlight::from(on),
                Err(_) => text.parse()?,
            });
            Ok(())
        },
        show: |layer| layer.spotlight.as_ref().map(ToString::to_string),
    },
];

impl Layer {
    /// The values that stand where nothing else is said.
    pub(super) fn defaults() -> Self {
        Self::of(|variable| Some(variable.default_value()).filter(|text| !text.is_empty()))
    }

    /// The values that an environment's preset says.
    pub(super) fn preset(environment: &Environment) -> Self {
        Self::of(|variable| variable.preset(environment))
    }

    fn of(text: impl Fn(&Variable) -> Option<&'static str>) -> Self {
        let mut layer = Self::default();
        for variable in &VARIABLES {
            if let Some(text) = text(variable) {
                let read = variable.read(text, &mut layer);
                debug_assert!(read.is_ok(), "the table holds {text} for {}: {read:?}", variable.name);
            }
        }
        layer
    }
}

const RATE: &str = "a number from 0.0 to 1.0";
const BOOLEAN: &str = "true, t, yes, y, on, 1, false, f, no, n, off or 0";
const COUNT: &str = "a whole number from 0 to 10000";

/// More breadcrumbs than any event holds; a larger number is a slip, and memory of every scope.
pub(super) const MOST_BREADCRUMBS: usize = 10_000;

fn dsn(text: &str) -> Result<Dsn, Refused> {
    unquoted(text)?;
    let wrong = |error: ParseDsnError| Refused::outside().because(format!("this has {}", what_is_wrong(&error)));
    let dsn = Dsn::from_str(text).map_err(wrong)?;
    if dsn.public_key().is_empty() || dsn.host().is_empty() {
        return Err(Refused::outside());
    }
    Ok(dsn)
}

fn what_is_wrong(error: &ParseDsnError) -> &'static str {
    match error {
        ParseDsnError::InvalidUrl => "not the form of a URL",
        ParseDsnError::InvalidScheme => "neither http:// nor https://",
        ParseDsnError::NoUsername => "no key before the host",
        ParseDsnError::NoProjectId => "no project at its end",
        ParseDsnError::InvalidProjectId(_) => "no project id at its end",
    }
}

/// Some readers of environment files keep the quotes.
pub(super) fn unquoted(text: &str) -> Result<(), Refused> {
    let quotes = ['"', '\''];
    if text.starts_with(quotes) || text.ends_with(quotes) {
        return Err(Refused::outside().because("the quotes are part of the value"));
    }
    Ok(())
}

/// The range is looked at before the number is rounded: 1.00000001 is not 1.
fn rate(text: &str) -> Result<f32, Refused> {
    let exact: Option<f64> = text.parse().ok();
    exact.filter(|exact| (0.0..=1.0).contains(exact)).map_or_else(|| Err(meant_rate(text)), |exact| Ok(exact as f32))
}

/// Whether a number is a share.
pub(super) fn is_rate(rate: f32) -> bool {
    (0.0..=1.0).contains(&rate)
}

/// A percentage, a decimal comma and quotes are told and mended.
fn meant_rate(text: &str) -> Refused {
    let refused = Refused::outside();
    let bare = text.trim_matches(['"', '\'']).trim();
    let percent = bare.strip_suffix('%').and_then(|number| number.trim().parse::<f32>().ok()).map(|rate| rate / 100.0);
    let number = percent.or_else(|| bare.replace(',', ".").parse().ok()).filter(|rate| is_rate(*rate));
    match number {
        Some(rate) => refused.meant(show_rate(rate)),
        None => refused,
    }
}

fn boolean(text: &str) -> Result<bool, Refused> {
    let is = |words: [&str; 6]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    match () {
        () if is(["true", "t", "yes", "y", "on", "1"]) => Ok(true),
        () if is(["false", "f", "no", "n", "off", "0"]) => Ok(false),
        () => Err(Refused::outside()),
    }
}

fn count(text: &str) -> Result<usize, Refused> {
    text.parse().ok().filter(|count| *count <= MOST_BREADCRUMBS).ok_or_else(Refused::outside)
}

/// A rate as the table writes it: `1.0`, `0.05`.
pub(crate) fn show_rate(rate: f32) -> String {
    format!("{rate:?}")
}
