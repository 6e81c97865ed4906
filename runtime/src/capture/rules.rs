//! Which errors a rule is about.

/// A rule about errors, by the type's path, the message and the category: all that are said must match.
///
/// ```
/// use watchpost::ErrorRule;
///
/// let declined = ErrorRule::of_type("payments::PaymentError::Declined").category("payment");
/// let timeouts = ErrorRule::message("*timed out*");
/// # drop((declined, timeouts));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a rule does nothing until a configuration holds it"]
pub struct ErrorRule {
    pub(crate) type_path: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) category: Option<String>,
}

impl ErrorRule {
    /// Errors of this type: its path, or the end of it.
    pub fn of_type(path: impl Into<String>) -> Self {
        Self { type_path: Some(path.into()), ..Self::default() }
    }

    /// Errors with such a message; a `*` stands for any text.
    pub fn message(pattern: impl Into<String>) -> Self {
        Self { message: Some(pattern.into()), ..Self::default() }
    }

    /// Of those, errors of this category alone.
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.category = Some(category.into());
        self
    }
}

/// The path of a type.
impl From<&str> for ErrorRule {
    fn from(path: &str) -> Self {
        Self::of_type(path)
    }
}
