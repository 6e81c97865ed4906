//! The scope that annotated code writes to.
//!
//! Scopes leak between tasks that share a thread unless each has its own. With tracing on an asynchronous root is given one
//! at once; with errors alone most tasks never write, so theirs is forked at the first write.

use std::sync::Arc;
use std::time::SystemTime;

use sentry_core::{Hub, HubSwitchGuard, Scope, TransactionOrSpan};

use super::frame::Frame;
use super::state::{self, HubSwitchGuardDebug, Local, identity};
use super::trace::span_id;

/// Writes to the current scope: of the asynchronous root, task or thread that this is called from. All verbs of ours that
/// change a scope go through here.
pub(crate) fn write_scope<R: Default>(write: impl FnOnce(&mut Scope) -> R) -> R {
    // While the thread ends there may be no hub.
    if state::with(fork).is_none() {
        return R::default();
    }
    Hub::current().configure_scope(write)
}

/// The hub whose scope the verbs write to, for what is not written to a scope but kept by it: breadcrumbs.
pub(crate) fn written_hub() -> Arc<Hub> {
    state::with(fork);
    Hub::current()
}

/// Gives the root that is being polled a scope of its own, if it has none.
fn fork(local: &Local) {
    let root =
        local.frames().try_borrow().ok().and_then(|frames| frames.iter().position(|frame| frame.has(Frame::FORKS)));
    let Some(root) = root else { return };
    let hub = Hub::current();
    // A hub that somebody else has bound is not shared, and binding another over it would undo theirs too late.
    if local.home.borrow().as_ptr() as usize != identity(&hub) {
        return;
    }
    if let Some(frame) = local.frames().borrow_mut().get_mut(root) {
        frame.flags ^= Frame::FORKS | Frame::FORKED;
    }
    let own = Arc::new(Hub::new_from_top(&hub));
    let guard = HubSwitchGuardDebug(HubSwitchGuard::new(own.clone()));
    local.forked.borrow_mut().push((own, guard));
}

/// A root without a scope of its own is about to be polled: what its frame has to say of it.
pub(super) fn may_fork(local: &Local) -> u16 {
    if !knows_home(local) {
        // The hub that was current when the thread first met us was not the thread's own.
        *local.home.borrow_mut() = Arc::downgrade(&Hub::current());
    }
    Frame::FORKS
}

/// Whether it is known which hub is the thread's own.
#[inline(always)]
pub(super) fn knows_home(local: &Local) -> bool {
    local.home.try_borrow().is_ok_and(|home| home.strong_count() > 0)
}

/// The frame leaves the thread's stack: the hub that was forked for it meanwhile is unbound and given back.
#[inline]
pub(super) fn end_fork(local: &Local, frame: &mut Frame) -> Option<Arc<Hub>> {
    let forked = frame.has(Frame::FORKED);
    frame.flags &= !(Frame::FORKS | Frame::FORKED);
    let (hub, guard) = if forked { local.forked.borrow_mut().pop()? } else { return None };
    drop(guard);
    Some(hub)
}

/// Shows the span to foreign code: a stand-in with its id becomes the scope's span.
#[cold]
pub(super) fn show(local: &Local, frame: &mut Frame) {
    let Some(trace) = local.trace() else { return };
    if frame.id == 0 {
        return;
    }
    let (above, id) = (span_id(frame.parent), span_id(frame.id));
    let now = SystemTime::now();
    let parent: TransactionOrSpan = if frame.parent == trace.root {
        trace.anchor.clone()
    } else {
        trace.anchor.start_child_with_details("", "", above, now).into()
    };
    let shown = parent.start_child_with_details(frame.op(), frame.name(), id, now);
    let previous = Hub::current().configure_scope(|scope| {
        let previous = scope.get_span();
        scope.set_span(Some(shown.into()));
        previous
    });
    frame.more_mut().shown = Some(previous);
    frame.flags |= Frame::SCOPED;
}

/// Takes the span off the scope again.
pub(super) fn hide(frame: &mut Frame) {
    if frame.has(Frame::SCOPED) {
        frame.flags &= !Frame::SCOPED;
        if let Some(previous) = frame.more.as_deref_mut().and_then(|more| more.shown.take()) {
            Hub::current().configure_scope(|scope| scope.set_span(previous));
        }
    }
}
