//! Where this thread is: the open calls, and whether it is one that must not report.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::once::{Marks, OpenCall, OpenCalls};

/// No call is open.
struct Nowhere;
impl OpenCalls for Nowhere {
    fn each(&self, _f: &mut dyn FnMut(OpenCall<'_>) -> bool) {}
    fn marks(&self, _depth: usize, _f: &mut dyn FnMut(&mut Marks)) {}
}

/// Runs `f` with the calls that are open on this thread.
pub(super) fn with_calls<R>(f: impl FnOnce(&dyn OpenCalls) -> R) -> R {
    f(&Nowhere)
}

/// Runs code of the user's that must not disturb ours: annotated functions in it are switched off, its panics are kept in,
/// counted and not reported.
pub(super) fn isolated<R>(code: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(code)).ok()
}
