//! Where this thread is: the open calls, and whether it is one that must not report.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sentry_core::Breadcrumb;
#[cfg(feature = "panic")]
use sentry_core::protocol::{Context, TraceContext};

use super::once::{Extent, OpenCalls};
#[cfg(feature = "panic")]
use super::once::{Marks, OpenCall};
use crate::CallSite;
use crate::span::OpenStack;
#[cfg(feature = "panic")]
use crate::span::current_parent;
use crate::span::state;
#[cfg(feature = "panic")]
use crate::span::state::Mode;

/// Runs `f` with the calls that are open on this thread.
pub(super) fn with_calls<R>(f: impl FnOnce(&dyn OpenCalls) -> R) -> R {
    f(&OpenStack)
}

/// No call is open.
#[cfg(feature = "panic")]
pub(super) struct Nowhere;
#[cfg(feature = "panic")]
impl OpenCalls for Nowhere {
    fn each(&self, _f: &mut dyn FnMut(OpenCall<'_>) -> bool) {}
    fn marks(&self, _depth: usize, _f: &mut dyn FnMut(&mut Marks)) {}
}

/// The breadcrumbs that the open calls keep.
pub(super) fn crumbs(calls: &dyn OpenCalls) -> Vec<Breadcrumb> {
    let mut crumbs = Vec::new();
    calls.each(&mut |call| {
        crumbs.extend(call.marks.iter().flat_map(|marks| marks.crumbs().cloned()));
        true
    });
    crumbs
}

/// The annotated function that is the root of the others, if one is.
pub(super) fn root(calls: &dyn OpenCalls) -> Option<&'static CallSite> {
    let mut root = None;
    calls.each(&mut |call| {
        match call.extent {
            Extent::Call(site) => root = Some(site),
            Extent::Span => root = None,
            Extent::Beyond | Extent::Thread => {}
        }
        true
    });
    root
}

/// The exact innermost span, as the context of an event.
#[cfg(feature = "panic")]
pub(super) fn trace() -> Option<Context> {
    let parent = current_parent()?;
    let (trace_id, span_id) = (parent.trace_id, parent.span_id);
    Some(TraceContext { trace_id, span_id, ..TraceContext::default() }.into())
}

/// Runs code of the user's that must not disturb ours: annotated functions in it are switched off, its panics are kept in,
/// counted and not reported.
pub(super) fn isolated<R>(code: impl FnOnce() -> R) -> Option<R> {
    state::muted(|| caught(code))
}

/// As [`isolated`], where annotated functions are switched off already.
pub(super) fn caught<R>(code: impl FnOnce() -> R) -> Option<R> {
    let result = catch_unwind(AssertUnwindSafe(code));
    if result.is_err() {
        state::count_failure();
    }
    result.ok()
}

/// Whether nothing is reported on this thread now: code of ours is running, or a hook of the program's for it.
#[cfg(feature = "panic")]
pub(super) fn is_muted() -> bool {
    state::mode() == Mode::Muted || crate::delivery::muted()
}
