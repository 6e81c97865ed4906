//! What is wrong with a configuration, said so that it can be mended.

use std::borrow::Cow;
use std::fmt;

/// Everything that is wrong with a configuration: all of it at once, none of it with a secret.
///
/// ```
/// use watchpost::Config;
///
/// let errors = Config::from_vars([("SENTRY_SAMPLE_RATE", "80%"), ("SENTRY_TRACE_SAMPLE_RATE", "1")]).unwrap_err();
/// assert_eq!(
///     errors.to_string(),
///     "2 problems in the configuration of Sentry:\n  \
///      SENTRY_SAMPLE_RATE=\"80%\": must be a number from 0.0 to 1.0; did you mean `0.8`?\n  \
///      SENTRY_TRACE_SAMPLE_RATE=\"1\": is no variable that anything here reads; \
///      did you mean `SENTRY_TRACES_SAMPLE_RATE`?"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(Vec<Problem>);

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    variable: String,
    value: String,
    in_code: bool,
    refused: Refused,
}

/// Why a text is no value of its variable. It never holds the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refused {
    reason: Option<Cow<'static, str>>,
    allowed: Cow<'static, str>,
    meant: Option<String>,
}

impl Refused {
    /// Outside of what the variable allows; the table says what that is.
    pub(super) fn outside() -> Self {
        Self::default()
    }

    pub(super) fn because(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    pub(super) fn meant(mut self, meant: impl Into<String>) -> Self {
        self.meant = Some(meant.into());
        self
    }

    pub(super) fn allowed(mut self, allowed: &'static str) -> Self {
        if self.allowed.is_empty() {
            self.allowed = Cow::Borrowed(allowed);
        }
        self
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.allowed.is_empty() {
            write!(f, "must be {}", self.allowed)?;
        }
        if let Some(reason) = &self.reason {
            let between = if self.allowed.is_empty() { "" } else { "; " };
            write!(f, "{between}{reason}")?;
        }
        if let Some(meant) = &self.meant {
            write!(f, "; did you mean `{meant}`?")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}

impl Problem {
    /// `value` is what may be shown of it.
    pub(super) fn new(variable: &str, value: String, refused: Refused) -> Self {
        Self { variable: variable.to_owned(), value, in_code: false, refused }
    }

    pub(super) fn in_code(mut self) -> Self {
        self.in_code = true;
        self
    }

    /// The variable, as it was written; for a value set in code, the variable that it stands for.
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// The value, cut where it is long; of a DSN, and of any other URL, without its secrets.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What the variable may hold; empty for a variable that nothing reads.
    pub fn allowed(&self) -> &str {
        &self.refused.allowed
    }

    /// What was probably meant: a variable's name, or a value.
    pub fn suggestion(&self) -> Option<&str> {
        self.refused.meant.as_deref()
    }

    /// Whether the value was set by code and not by a variable.
    pub fn is_in_code(&self) -> bool {
        self.in_code
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.in_code { " (set in code)" } else { "" };
        write!(f, "{}={}{place}: {}", self.variable, self.value, self.refused)
    }
}

impl ConfigErrors {
    /// An error if there is a problem.
    pub(super) fn from_problems(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self(problems)) }
    }

    /// The problems, in the order of the variables' names.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl<'a> IntoIterator for &'a ConfigErrors {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [problem] => write!(f, "1 problem in the configuration of Sentry:\n  {problem}"),
            problems => {
                write!(f, "{} problems in the configuration of Sentry:", problems.len())?;
                problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
            }
        }
    }
}

impl std::error::Error for ConfigErrors {}
