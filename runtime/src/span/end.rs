//! The end of a call on this thread.
//!
//! Where nothing special became of the call since it began, it ends by the short way that its [`Exit`](super::call::Exit) names
//! ([`leave_well`]). All others go through [`close`].

use std::thread::panicking;

use sentry_core::protocol::SpanStatus;

use super::builder::BUILT;
use super::call::{DEPTH, End, Exit};
use super::clock::Instant;
use super::frame::{Frame, grow};
use super::record::Record;
use super::state::{self, Local, Mode};
use super::trace::Trace;
use super::{late, promotion, run, scope, timed, trail};

#[inline(never)]
pub(super) fn leave_unseen(depth: u32) {
    if depth & Exit::Step as u32 != 0 {
        // A step has nothing to tell, of a panic neither.
        leave_step::<true>(depth & DEPTH);
    } else if panicking() {
        leave(depth, End::Unseen);
    } else {
        leave_well(depth);
    }
}

#[inline(never)]
pub(super) fn leave_well(depth: u32) {
    if depth & Exit::Span as u32 != 0 {
        leave_span(depth & DEPTH);
    } else if depth & Exit::Step as u32 != 0 {
        leave_step::<false>(depth & DEPTH);
    } else if depth & Exit::Noted as u32 != 0 {
        leave_noted(depth & DEPTH);
    } else if depth & Exit::Long as u32 != 0 {
        leave(depth, End::Ok);
    } else {
        leave_frame_well(depth);
    }
}

#[cold]
#[inline(never)]
pub(super) fn leave(depth: u32, end: End) {
    state::with(|local| close(local, depth & DEPTH, end));
}

/// Ends a call that was begun as a step.
#[inline(always)]
fn leave_step<const UNSEEN: bool>(depth: u32) {
    match state::with_trail(|trail| trail.pop(depth)) {
        Some(before) => state::restore_mode(before),
        // Somebody has looked.
        None if UNSEEN && panicking() => leave(depth, End::Unseen),
        None => leave_frame_well(depth),
    }
}

/// Ends a call that records nothing, well.
#[inline(never)]
fn leave_frame_well(depth: u32) {
    match pop_frame(depth) {
        // Below a root the mode is the same before as after.
        Popped::From(Mode::Unsampled) | Popped::Not => {}
        Popped::From(mode) => state::set_mode(mode),
        Popped::Special => leave(depth, End::Ok),
    }
}

/// Ends a call that records nothing, with an error.
#[inline(never)]
pub(super) fn leave_frame(depth: u32, end: End) {
    if depth & Exit::Step as u32 != 0
        && let Some(before) = state::with_trail(|trail| trail.pop(depth & DEPTH))
    {
        return state::restore_mode(before);
    }
    let depth = depth & DEPTH;
    match pop_frame(depth) {
        Popped::From(mode) => state::set_mode(mode),
        Popped::Not => {}
        Popped::Special => leave(depth, end),
    }
}

/// What became of a frame.
enum Popped {
    /// The mode before it is the thread's again.
    From(Mode),
    /// Nothing: the thread ends.
    Not,
    /// There is something special to be told of its end.
    Special,
}

#[inline(always)]
fn pop_frame(depth: u32) -> Popped {
    let popped = state::with(|local| {
        let Ok(mut frames) = local.frames().try_borrow_mut() else { return Popped::Not };
        let Some(frame) = plain(&mut frames, depth) else { return Popped::Special };
        let before = frame.before;
        // It has nothing that would have to be dropped.
        std::mem::forget(frames.pop());
        trail::look(&frames);
        Popped::From(before)
    });
    popped.unwrap_or(Popped::Not)
}

/// Ends a call of which a note is taken, well.
#[inline(never)]
fn leave_noted(depth: u32) {
    let done = state::with(|local| {
        let Ok(mut frames) = local.unsettled_frames().try_borrow_mut() else { return true };
        let Some(frame) = plain(&mut frames, depth).filter(|frame| frame.before == Mode::Noted) else { return false };
        let status = frame.status.unwrap_or(SpanStatus::Ok);
        promotion::ended(local, frame, depth - 1, Instant::now(), status);
        // The mode stays as it is.
        std::mem::forget(frames.pop());
        true
    });
    if done == Some(false) {
        leave(depth, End::Ok);
    }
}

/// Ends a span below a root, well.
#[inline(never)]
fn leave_span(depth: u32) {
    let done = state::with(|local| {
        let (Ok(mut frames), Ok(mut records)) =
            (local.unsettled_frames().try_borrow_mut(), local.records.try_borrow_mut())
        else {
            return true;
        };
        let Some(frame) = plain(&mut frames, depth) else { return false };
        let ended = Instant::now();
        let of_future = frame.has(Frame::ASYNC);
        let wants_more = |trace: &Trace| trace.wants_more_of(frame.start, ended);
        if of_future && local.trace.borrow().as_deref().is_some_and(wants_more) {
            return false;
        }
        local.cur.set(frame.parent);
        if records.len() == records.capacity() {
            grow(&mut records);
        }
        records.push(Record {
            site: frame.site,
            id: frame.id,
            parent: frame.parent,
            start: frame.start,
            end: ended,
            more: None,
            status: frame.status.unwrap_or(SpanStatus::Ok),
            slow: false,
            of_future,
        });
        std::mem::forget(frames.pop());
        true
    });
    if done == Some(false) {
        leave(depth, End::Ok);
    }
}

/// The innermost frame, if it is the `depth`th and there is nothing special to be told of its end.
#[inline(always)]
fn plain(frames: &mut [Frame], depth: u32) -> Option<&mut Frame> {
    let [below @ .., frame] = frames else { return None };
    let special = below.len() + 1 != depth as usize
        || frame.flags & !(Frame::ASYNC | Frame::FORKS) != 0
        || frame.more.is_some()
        || below.last().is_some_and(|above| above.has(Frame::MARKED));
    (!special).then_some(frame)
}

/// Ends the call whose frame is the `depth`th, and any above it that were never ended.
#[inline(never)]
pub(super) fn close(local: &Local, depth: u32, end: End) {
    let (flags, innermost) = match &local.frames().borrow()[..] {
        frames if frames.len() < depth as usize => return,
        frames => (frames[depth as usize - 1].flags, frames.len() == depth as usize),
    };
    let status = match end {
        End::Unseen if panicking() && flags & Frame::PANICKING == 0 => SpanStatus::InternalError,
        End::Unseen | End::Ok => SpanStatus::Ok,
        End::Failed(status) => status,
        End::Panicked => SpanStatus::InternalError,
        End::Cancelled => SpanStatus::Cancelled,
    };
    // To read the clock is a good part of what such an end costs.
    let untimed = innermost && flags & Frame::TIMED == 0 && matches!(state::mode(), Mode::Errors | Mode::Unsampled);
    let ended = if untimed { Instant::ZERO } else { Instant::now() };
    if flags & Frame::TASK != 0 {
        run::ends(local, depth, end);
    }
    if flags & (Frame::TIMED | Frame::ASYNC) != 0 {
        timed::ended(local, depth, ended, status);
    }
    loop {
        let mut frames = local.frames().borrow_mut();
        if frames.len() < depth as usize {
            return;
        }
        let Some(mut frame) = frames.pop() else { return };
        if std::ptr::eq(frame.site, &BUILT) {
            // No annotated function: it handles no error, so what it knows is known around it.
            if let Some(more) = frame.more.as_deref_mut().filter(|more| !more.marks.is_empty())
                && let Some(above) = frames.last_mut()
            {
                above.marks_mut().absorb(std::mem::take(&mut more.marks));
            }
        } else if let Some(above) = frames.last_mut().filter(|above| above.has(Frame::MARKED))
            && !matches!(end, End::Failed(_))
        {
            above.marks_mut().inner_call_went_well();
        }
        trail::look(&frames);
        drop(frames);
        finish(local, frame, ended, status);
    }
}

/// Ends the calls above the `depth`th that were never ended.
pub(super) fn close_above(local: &Local, depth: u32) {
    while local.depth() > depth as usize {
        close(local, depth + 1, End::Unseen);
    }
}

/// Takes a popped frame apart.
fn finish(local: &Local, frame: Frame, ended: Instant, status: SpanStatus) {
    let status = frame.status.unwrap_or(status);
    let special = frame.has(Frame::ROOT | Frame::SCOPED | Frame::FORKED);
    if special || frame.more.as_deref().is_some_and(|more| more.hub.is_some()) {
        finish_special(local, frame, ended, status);
        return;
    }
    finish_plain(local, frame, ended, status);
}

/// Takes a popped frame apart that is no root's.
#[inline]
fn finish_plain(local: &Local, mut frame: Frame, ended: Instant, status: SpanStatus) {
    if frame.before == Mode::Noted {
        promotion::ended(local, &mut frame, local.depth() as u32, ended, status);
    }
    state::set_mode(frame.before);
    if frame.id != 0 {
        local.cur.set(frame.parent);
        keep(local, record(&mut frame, ended, status), frame.has(Frame::ASYNC));
    }
}

/// Keeps the record of a span until its root ends. The span of a future may outlive that.
#[inline]
fn keep(local: &Local, record: Record, of_future: bool) {
    let late = if of_future { local.trace().filter(|trace| trace.is_closed()) } else { None };
    // Where the span above is itself still open, this one waits for it.
    let late = late.filter(|_| !local.frames().borrow().iter().any(|frame| frame.id == record.parent));
    match late {
        Some(trace) => late::send(&trace, record, &mut local.records.take()),
        None => local.records.borrow_mut().push(record),
    }
}

#[cold]
#[inline(never)]
fn finish_special(local: &Local, mut frame: Frame, ended: Instant, status: SpanStatus) {
    if let Some(root) = frame.more.as_deref_mut().and_then(|more| more.root.take()) {
        if let Some(more) = frame.more.take_if(|more| !more.tells()) {
            local.give_back_more(more);
        }
        let before = frame.before;
        let top = record(&mut frame, ended, status);
        root.close(local, top);
        state::set_mode(before);
        return;
    }
    scope::hide(&mut frame);
    scope::end_fork(local, &mut frame);
    if let Some(hub) = frame.more.as_deref_mut().and_then(|more| more.hub.take()) {
        local.hub.set(hub);
    }
    finish_plain(local, frame, ended, status);
}

/// The record of a span that has ended.
pub(super) fn record(frame: &mut Frame, end: Instant, status: SpanStatus) -> Record {
    Record {
        site: frame.site,
        id: frame.id,
        parent: frame.parent,
        start: frame.start,
        end,
        more: frame.more.take().filter(|more| more.tells()),
        status,
        slow: frame.has(Frame::SLOW),
        of_future: frame.has(Frame::ASYNC),
    }
}
