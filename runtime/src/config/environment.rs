//! Where the program runs.

use std::fmt;
use std::str::FromStr;

use super::problem::Refused;
use super::variable::unquoted;

/// The environment that events are filed under, and by which the presets are chosen.
///
/// Names are told case-insensitively, and sent in lower case: `Production` and `PRODUCTION` are `production`. A preset
/// applies to an environment that code or `SENTRY_ENVIRONMENT` names; where nothing names one, events are filed under
/// `development` with the defaults.
///
/// ```
/// use watchpost::Environment;
///
/// assert_eq!("PRODUCTION".parse(), Ok(Environment::Production));
/// assert_eq!("canary".parse(), Ok(Environment::Other("canary".into())));
/// assert!("prod".parse::<Environment>().is_err(), "did you mean production?");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Environment {
    /// `development`: everything is sampled, the SDK speaks.
    #[default]
    Development,
    /// `staging`.
    Staging,
    /// `production`: a small share of the traffic, no local variables.
    Production,
    /// Any other name, by the limits of Sentry: at most 64 bytes, no white space, no `/` or `\`, not `none`.
    /// It has no preset.
    Other(String),
}

/// The longest name of an environment that Sentry takes, in bytes.
const LONGEST: usize = 64;

/// What people write for the three names, and the name each of them means.
const ABBREVIATIONS: [(&str, &str); 6] = [
    ("dev", "development"),
    ("develop", "development"),
    ("prod", "production"),
    ("prd", "production"),
    ("stage", "staging"),
    ("stg", "staging"),
];

pub(super) const ALLOWED: &str =
    "development, staging, production or another name of at most 64 bytes without white space, / or \\";

impl Environment {
    /// The name as it is sent.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
            Self::Other(name) => name,
        }
    }

    fn known(name: &str) -> Option<Self> {
        [Self::Development, Self::Staging, Self::Production]
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether Sentry takes the name. An abbreviation is let through: code that says it means it.
    pub(super) fn check(&self) -> Result<(), Refused> {
        let Self::Other(name) = self else { return Ok(()) };
        unquoted(name)?;
        let outside = name.is_empty()
            || name.len() > LONGEST
            || name.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '\\'))
            || matches!(name.as_str(), "." | "..")
            || name.eq_ignore_ascii_case("none");
        if outside { Err(Refused::outside()) } else { Ok(()) }
    }
}

impl FromStr for Environment {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        if let Some(known) = Self::known(text) {
            return Ok(known);
        }
        let meant = ABBREVIATIONS.iter().find(|(short, _)| short.eq_ignore_ascii_case(text));
        if let Some((_, meant)) = meant {
            return Err(Refused::outside().meant(*meant));
        }
        let other = Self::Other(text.to_owned());
        other.check()?;
        Ok(other)
    }
}

/// A name said in code: it is taken as it is, abbreviations included; the three known names get their preset.
impl From<&str> for Environment {
    fn from(name: &str) -> Self {
        Self::known(name).unwrap_or_else(|| Self::Other(name.to_owned()))
    }
}

impl From<String> for Environment {
    fn from(name: String) -> Self {
        Self::known(&name).unwrap_or(Self::Other(name))
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
