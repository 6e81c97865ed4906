//! What an error type says of its own errors.

use std::rc::Rc;
use std::sync::Arc;

use sentry_core::Level;
use sentry_core::protocol::SpanStatus;

/// An error type that knows how its errors are to be treated, by `#[derive(Classify)]`.
///
/// Written out by hand where the treatment hangs on a value:
///
/// ```
/// use watchpost::{Classify, Policy};
///
/// struct Upstream {
///     status: u16,
/// }
///
/// impl Classify for Upstream {
///     fn classify(&self) -> Policy {
///         let policy = Policy::new().with_category("integration").with_http(502);
///         if self.status == 404 { policy.with_ignore() } else { policy }
///     }
/// }
/// assert!(Upstream { status: 404 }.classify().ignore);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not classify its errors",
    label = "needs `Classify`",
    note = "add `#[derive(watchpost::Classify)]` to `{Self}`"
)]
pub trait Classify {
    /// The policy for this error. Called on the error path alone, and cheap: everything in it is static.
    fn classify(&self) -> Policy;
}

macro_rules! through_pointers {
    ($($pointer:ty),*) => { $(impl<T: Classify + ?Sized> Classify for $pointer {
        fn classify(&self) -> Policy {
            (**self).classify()
        }
    })* };
}
through_pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

/// How one error is to be treated. What is not said is left to the attribute and to the next outer error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The variant, as the derive knows it; a struct has none.
    pub variant: Option<&'static str>,
    /// The error category.
    pub category: Option<&'static str>,
    /// The level of the event.
    pub level: Option<Level>,
    /// No event.
    pub ignore: bool,
    /// No event, and the span is not failed.
    pub expected: bool,
    /// The span's status.
    pub status: Option<SpanStatus>,
    /// The HTTP status with which the web layer reports it.
    pub http: Option<u16>,
    /// The fingerprint of the event.
    pub fingerprint: Option<&'static [&'static str]>,
    /// Whether a task may try again.
    pub retry: Option<Retry>,
}

impl Policy {
    /// A policy that says nothing.
    pub const fn new() -> Self {
        Self {
            variant: None,
            category: None,
            level: None,
            ignore: false,
            expected: false,
            status: None,
            http: None,
            fingerprint: None,
            retry: None,
        }
    }
    /// Names the variant.
    #[must_use]
    pub const fn with_variant(mut self, variant: &'static str) -> Self {
        self.variant = Some(variant);
        self
    }
    /// Says the error category.
    #[must_use]
    pub const fn with_category(mut self, category: &'static str) -> Self {
        self.category = Some(category);
        self
    }
    /// Says the level of the event.
    #[must_use]
    pub const fn with_level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }
    /// Says that there is to be no event.
    #[must_use]
    pub const fn with_ignore(mut self) -> Self {
        self.ignore = true;
        self
    }
    /// Says that there is to be no event, and that the span is not failed.
    #[must_use]
    pub const fn with_expected(mut self) -> Self {
        self.expected = true;
        self
    }
    /// Says the span's status.
    #[must_use]
    pub const fn with_status(mut self, status: SpanStatus) -> Self {
        self.status = Some(status);
        self
    }
    /// Says the HTTP status.
    #[must_use]
    pub const fn with_http(mut self, http: u16) -> Self {
        self.http = Some(http);
        self
    }
    /// Says the fingerprint of the event.
    #[must_use]
    pub const fn with_fingerprint(mut self, fingerprint: &'static [&'static str]) -> Self {
        self.fingerprint = Some(fingerprint);
        self
    }
    /// Says whether a task may try again.
    #[must_use]
    pub const fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// This policy, and where it says nothing, `other`'s. An event that either has no use for is not sent. The variant stays this one's:
    /// it is the name of an error and not how it is treated.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            variant: self.variant,
            category: self.category.or(other.category),
            level: self.level.or(other.level),
            ignore: self.ignore || other.ignore,
            expected: self.expected || other.expected,
            status: self.status.or(other.status),
            http: self.http.or(other.http),
            fingerprint: self.fingerprint.or(other.fingerprint),
            retry: self.retry.or(other.retry),
        }
    }

    /// The status of a span that ended with this error: the one that is said; `ok` for an expected error; else the one that
    /// goes with the HTTP status.
    pub fn span_status(&self) -> Option<SpanStatus> {
        if self.status.is_some() {
            return self.status;
        }
        if self.expected {
            return Some(SpanStatus::Ok);
        }
        // By Sentry's own table of HTTP statuses.
        Some(match self.http? {
            100..=399 => SpanStatus::Ok,
            401 => SpanStatus::Unauthenticated,
            403 => SpanStatus::PermissionDenied,
            404 => SpanStatus::NotFound,
            409 => SpanStatus::AlreadyExists,
            413 | 429 => SpanStatus::ResourceExhausted,
            499 => SpanStatus::Cancelled,
            400..=498 => SpanStatus::InvalidArgument,
            501 => SpanStatus::Unimplemented,
            503 => SpanStatus::Unavailable,
            504 => SpanStatus::DeadlineExceeded,
            500..=599 => SpanStatus::InternalError,
            _ => SpanStatus::UnknownError,
        })
    }
}

/// Whether a task that failed with this error may try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It must not: the failure is reported at once.
    Never,
    /// It may.
    Later,
}

/// Makes an error type say how its errors are to be treated; derives the trait of the same name.
///
/// ```
/// use watchpost::Classify;
///
/// #[derive(Classify)]
/// #[classify(category = "payment")] // of all variants that do not say otherwise
/// enum PaymentError {
///     #[classify(level = "warning", status = "failed_precondition", http = 402, retry = "never")]
///     Declined { code: String },
///     #[classify(ignore)]
///     Cancelled,
///     #[classify(delegate)]
///     Gateway(#[source] GatewayError),
///     #[classify(fingerprint = ["gateway-timeout"], retry = "later")]
///     Timeout,
/// }
/// # #[derive(Classify)]
/// # #[classify(category = "gateway")]
/// # struct GatewayError;
/// assert_eq!(PaymentError::Timeout.classify().category, Some("payment"));
/// assert_eq!(PaymentError::Gateway(GatewayError).classify().category, Some("gateway"));
/// ```
///
/// `#[classify(..)]` stands on each variant, on an enum for all its variants, on a struct for itself, and takes
///
/// | word | |
/// |---|---|
/// | `category = ".."` | the tag `error.category` |
/// | `level = ".."` | the level of the event: `debug`, `info`, `warning`, `error` or `fatal` |
/// | `fingerprint = ["..", ..]` | groups the events; `"{{ default }}"` stands for Sentry's own grouping |
/// | `ignore` | no event |
/// | `expected` | no event, and the span has not failed |
/// | `status = ".."` | the status of the span: one of Sentry's, `not_found`, `unavailable`, .. |
/// | `http = 402` | the status with which the web layer answers, from 300 to 599 |
/// | `retry = ".."` | `never`: a task that failed so must not try again, and the failure is reported at once; `later`: it may |
/// | `delegate` | asks the error inside: the only field, the one with `#[source]` or `#[from]`, or the one with `#[classify(delegate)]` |
/// | `crate = ::path` | on the whole type: where `watchpost` is found |
///
/// What a variant says itself comes first, then what the error inside says, then what is said of the whole type. A variant that nothing
/// is said of does not compile: somebody is to have thought about each.
pub use watchpost_macros::Classify;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inner_word_wins_and_the_outer_fills_in() {
        let inner = Policy::new().with_variant("Inner").with_category("payment").with_http(402);
        let outer =
            Policy::new().with_category("task").with_level(Level::Warning).with_ignore().with_retry(Retry::Never);
        let both = inner.or(outer);
        assert_eq!((both.variant, both.category, both.level), (Some("Inner"), Some("payment"), Some(Level::Warning)));
        assert_eq!((both.ignore, both.http, both.retry), (true, Some(402), Some(Retry::Never)));
        assert_eq!(Policy::new().or(inner), Policy { variant: None, ..inner });
        assert_eq!(inner.or(Policy::new()), inner);
    }

    #[test]
    fn the_span_status_is_said_or_follows_from_http() {
        assert_eq!(Policy::new().span_status(), None);
        let not_found = Policy::new().with_http(404);
        assert_eq!(not_found.span_status(), Some(SpanStatus::NotFound));
        assert_eq!(not_found.with_expected().span_status(), Some(SpanStatus::Ok));
        assert_eq!(not_found.with_status(SpanStatus::DataLoss).span_status(), Some(SpanStatus::DataLoss));
        assert_eq!(Policy::new().with_http(418).span_status(), Some(SpanStatus::InvalidArgument));
        assert_eq!(Policy::new().with_http(502).span_status(), Some(SpanStatus::InternalError));
    }
}
