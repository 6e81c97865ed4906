//! Where a task's call meets the run that it is.

use std::thread::panicking;

use super::call::{End, innermost};
use super::frame::Frame;
use super::state::{self, Local};
use crate::CallSite;
use crate::capture::observe::Verdict;
use crate::site::Kind;
use crate::task::{Outcome, Run};

/// A task's frame has come to stand on the thread's stack, and its hub is bound.
pub(super) fn begins(depth: u32) {
    // The run calls hooks of the program: the stack must not be borrowed meanwhile.
    let Some(mut run) = state::with(|local| take(local, depth)).flatten() else { return };
    state::muted(|| run.begin());
    state::with(|local| {
        let mut frames = local.frames().borrow_mut();
        let Some(frame) = frames.get_mut((depth as usize).wrapping_sub(1)) else { return };
        if run.holds() {
            frame.marks_mut().hold();
        }
        frame.more_mut().run = Some(run);
    });
}

fn take(local: &Local, depth: u32) -> Option<Box<Run>> {
    let mut frames = local.frames().borrow_mut();
    frames.get_mut((depth as usize).checked_sub(1)?)?.more.as_deref_mut()?.run.take()
}

/// The task's error, if this is a task, has been looked at.
pub(super) fn failed(site: &'static CallSite, verdict: &Verdict) {
    if site.kind().has(Kind::TASK) {
        innermost(|frame| {
            if let Some(run) = frame.more.as_deref_mut().and_then(|more| more.run.as_deref_mut()) {
                run.failed(verdict.retry);
            }
        });
    }
}

/// A task's call ends; its frame is still there and its hub still bound.
#[cold]
pub(super) fn ends(local: &Local, depth: u32, end: End) {
    let Some(run) = take(local, depth) else { return };
    let (held, was_panicking) = {
        let mut frames = local.frames().borrow_mut();
        let Some(frame) = frames.get_mut(depth as usize - 1) else { return };
        let held = frame.more.as_deref_mut().and_then(|more| more.marks.release());
        (held, frame.has(Frame::PANICKING))
    };
    let outcome = match end {
        End::Unseen if panicking() && !was_panicking => Outcome::Panicked,
        End::Unseen | End::Ok => Outcome::Ok,
        End::Failed(_) => Outcome::Failed,
        End::Panicked => Outcome::Panicked,
        End::Cancelled => Outcome::Cancelled,
    };
    let status = state::muted(|| run.end(outcome, held));
    if let Some(frame) = local.frames().borrow_mut().get_mut(depth as usize - 1) {
        frame.status = frame.status.or(status);
    }
}
