//! Which errors a rule is about.

use super::name::Name;

/// A rule about errors, by the type's path, the message and the category: all that are said must match.
///
/// A type is told by the end of its path, whole segments of it: `Declined`, `PaymentError::Declined` and
/// `payments::PaymentError` are all right for `shop::payments::PaymentError::Declined`. Any error of the chain may be the one
/// that matches; the message must then be that error's, too.
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

impl ErrorRule {
    /// Whether the rule is about this category at all.
    pub(crate) fn is_about(&self, category: Option<&str>) -> bool {
        self.category.as_deref().is_none_or(|wanted| Some(wanted) == category)
    }

    /// Whether one error of a chain matches; `message` is asked for only if the rule wants to know it.
    pub(crate) fn matches(&self, name: &Name, message: impl FnOnce() -> String) -> bool {
        self.type_path.as_deref().is_none_or(|path| name.ends_with(path))
            && self.message.as_deref().is_none_or(|pattern| like(pattern, &message()))
    }
}

/// Whether a text is as the pattern says; a `*` stands for any text.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return text.ends_with(piece);
        }
        match text.find(piece) {
            Some(at) => text = &text[at + piece.len()..],
            None => return false,
        }
    }
    true
}

/// The path of a type.
impl From<&str> for ErrorRule {
    fn from(path: &str) -> Self {
        Self::of_type(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::name;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, is) in [
            ("*timed out*", "it timed out again", true),
            ("*timed out*", "timed out", true),
            ("*timed out", "timed out again", false),
            ("timed out", "timed out", true),
            ("timed out", "timed out again", false),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(like(pattern, text), is, "{pattern} {text}");
        }
    }

    #[test]
    fn all_that_is_said_must_match() {
        let name = name::of_type("shop::PaymentError", Some("Declined"));
        let rule = ErrorRule::of_type("PaymentError").category("payment");
        assert!(rule.is_about(Some("payment")) && !rule.is_about(Some("booking")) && !rule.is_about(None));
        assert!(rule.matches(&name, || unreachable!("the message is not asked for")));
        let worded = ErrorRule { message: Some("*4242*".into()), ..rule };
        assert!(worded.matches(&name, || "card 4242 declined".into()));
        assert!(!worded.matches(&name, || "declined".into()));
        assert!(ErrorRule::message("*").is_about(None));
    }
}
