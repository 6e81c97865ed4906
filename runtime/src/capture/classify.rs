//! What an error type says of its own errors.

use sentry_core::Level;
use sentry_core::protocol::SpanStatus;

/// An error type that knows how its errors are to be treated, by `#[derive(Classify)]`.
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
through_pointers!(&T, Box<T>, std::rc::Rc<T>, std::sync::Arc<T>);

/// How one error is to be treated. What is not said is left to the attribute and to the next outer error.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Policy {
    /// The variant, as the derive knows it.
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

/// Whether a task that failed with this error may try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It must not: the failure is reported at once.
    Never,
    /// It may.
    Later,
}
