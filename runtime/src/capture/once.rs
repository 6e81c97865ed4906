//! How once is told.
//!
//! Every open annotated call carries [`Marks`]: which errors were dealt with (captured, or let go on purpose) inside its
//! dynamic extent and may still be on their way out through it. A call that returns without such an error has handled it,
//! and its marks end with it.

use sentry_core::protocol::SpanStatus;
use sentry_core::types::Uuid;

use super::classify::Retry;
use super::told::Told;
use super::values::{Values, Words};
use crate::CallSite;

/// What an open call, or another extent (a request, a thread outside any call), knows of the errors inside of it.
///
/// One pointer, null until the first error.
#[derive(Debug, Default)]
pub(crate) struct Marks(Option<Box<Known>>);

#[derive(Debug, Default)]
struct Known {}

impl Marks {
    /// Whether anything is known at all.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// An annotated call just inside this extent has ended without an error.
    #[inline]
    pub(crate) fn inner_call_went_well(&mut self) {
        let _ = self.0.as_mut();
    }
}

/// One open call as the engine lends it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenCall<'a> {
    pub extent: Extent,
    /// The values recorded at entry.
    pub values: Option<&'a Values>,
    pub marks: Option<&'a Marks>,
}

/// What an open call is the call of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extent {
    /// An annotated function.
    Call(&'static CallSite),
    /// A span built by hand, a request.
    Span,
    /// The thread, outside of any call; the last, where the engine keeps marks for it at all.
    Thread,
}

/// The open calls of this thread's task, as the engine knows them. Depth 0 is the innermost: the call that is ending with
/// an error, when it is [`observe`]d.
///
/// What is given to these functions runs no code of the user's and asks the engine for nothing, so the engine may hold its
/// own borrows meanwhile. Nothing is borrowed in between.
pub(crate) trait OpenCalls {
    /// Lends each open call to `f`, innermost first, until `f` says `false`.
    fn each(&self, f: &mut dyn FnMut(OpenCall<'_>) -> bool);
    /// Lends the marks of the call at this depth, made if need be; does nothing where there is no such call.
    fn marks(&self, depth: usize, f: &mut dyn FnMut(&mut Marks));
}

/// What has become of an error on its way out of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    /// The status of the call's span.
    pub status: SpanStatus,
    /// The event that was sent for the error, now or further in.
    pub event: Option<Uuid>,
    /// The error is no failure: the span is not failed by it either.
    pub expected: bool,
    /// Whether a task may try again.
    pub retry: Option<Retry>,
}

/// An annotated call is about to end with an error: reports it, if this is the place and nobody has.
///
/// The engine calls this while the call is still open and with nothing borrowed: the user's code runs inside (`Display`,
/// `late`, hooks of the client). `late` has the attribute's own words and is asked at most once.
pub(crate) fn observe(
    site: &'static CallSite,
    told: &Told<'_>,
    late: Option<&mut dyn FnMut(&mut Words)>,
    calls: &dyn OpenCalls,
) -> Verdict {
    let _ = (site, told, late, calls);
    Verdict { status: SpanStatus::InternalError, event: None, expected: false, retry: None }
}
