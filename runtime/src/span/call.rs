//! One annotated call: what of it is held while it is open, and how it may end.

use std::time::Duration;

use sentry_core::protocol::SpanStatus;

use super::begin::{begin, open};
use super::current::OpenStack;
use super::end::{leave, leave_frame, leave_unseen, leave_well};
use super::frame::Frame;
use super::root::Asked;
use super::run;
use super::state::{self, Mode, Wanted};
use super::watch::Start;
use crate::CallSite;
use crate::capture::once;
use crate::capture::told::Told;
use crate::capture::values::{Values, Words};

/// One call under way on this thread. Dropped without being ended, it ends as a panic does if the thread has begun to
/// panic, else as ok.
#[derive(Debug)]
#[must_use]
pub struct Call {
    /// How many frames are open with this one; 0 if nothing is recorded. The highest bits tell its [`Exit`].
    depth: u32,
}

/// By which of the short ways a call ends, if nothing special becomes of it meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Exit {
    /// As a frame that records nothing.
    Frame = 0,
    /// As one of which a note is taken.
    Noted = 1 << 30,
    /// As a span below a root.
    Span = 1 << 31,
    /// By no short way.
    Long = 1 << 29,
    /// As a step, or as a frame that records nothing if somebody has looked meanwhile.
    Step = 1 << 28,
}

impl Exit {
    /// The end of the call whose frame is the `depth`th; 0 if it has none.
    #[inline]
    pub(super) fn from(self, depth: u32) -> u32 {
        if depth == 0 { 0 } else { depth | self as u32 }
    }

    /// How the call of this frame ends, in this mode.
    #[inline]
    pub(super) fn of(frame: &Frame, mode: Mode) -> Self {
        match mode {
            Mode::Sampled if frame.id != 0 => Self::Span,
            Mode::Noted => Self::Noted,
            _ if frame.id == 0 && frame.before != Mode::Noted => Self::Frame,
            _ => Self::Long,
        }
    }
}

/// The part of [`Call::depth`] that is the depth.
pub(super) const DEPTH: u32 = !(Exit::Step as u32 | Exit::Long as u32 | Exit::Noted as u32 | Exit::Span as u32);

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// Nobody looked at the outcome: ok, unless the thread is unwinding.
    Unseen,
    Ok,
    /// With an error; the status is the error's or that of an internal error.
    Failed(SpanStatus),
    Panicked,
    Cancelled,
}

impl Call {
    pub(crate) const NONE: Self = Self { depth: 0 };

    /// The call whose frame is the `depth`th; with it, its [`Exit`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn reaching(depth: u32) -> Self {
        Self { depth }
    }

    /// Whether anything is recorded of this call.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_open(&self) -> bool {
        self.depth != 0
    }

    fn site(&self) -> Option<&'static CallSite> {
        let depth = self.depth & DEPTH;
        // Most that fail are the innermost: what is a step may stay one.
        state::with_trail(|trail| trail.site(depth)).or_else(|| {
            state::with(|local| Some(local.frames().borrow().get((depth as usize).checked_sub(1)?)?.site)).flatten()
        })
    }

    /// Ends the call.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn end(self, end: End) {
        if self.depth != 0 {
            match end {
                End::Ok => leave_well(self.depth),
                end @ End::Failed(_) if self.depth & !(DEPTH | Exit::Step as u32) == 0 => {
                    leave_frame(self.depth, end);
                }
                end => leave(self.depth, end),
            }
        }
        std::mem::forget(self);
    }
}

impl Drop for Call {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if self.depth != 0 {
            leave_unseen(self.depth);
        }
    }
}

/// Whether an annotated call has nothing to do.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn idle() -> bool {
    state::passes() || state::idles()
}

/// Enters an annotated function on this thread.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn enter(site: &'static CallSite) -> Call {
    Call { depth: if state::passes() { 0 } else { begin(site) } }
}

/// Enters a task: a transaction of its own in a scope of its own.
pub(crate) fn enter_task(site: &'static CallSite, start: Option<Box<Start>>) -> Call {
    let mode = state::mode();
    if mode == Mode::Muted || idle() {
        return Call::NONE;
    }
    let depth = state::with(|local| {
        let mut asked = Asked::by(site);
        let mut frame = Frame::new(site, mode);
        let (mut op, mut name, mut baggage) = (None, None, None);
        if let Some(start) = start {
            asked.parent = start.parent;
            baggage = start.baggage;
            let more = frame.more_mut();
            more.values = start.values;
            more.run = start.run;
            (op, name) = (start.op, start.name);
            more.op.clone_from(&op);
            more.name.clone_from(&name);
        }
        asked.op = op.as_deref().unwrap_or(asked.op);
        asked.name = name.as_deref().unwrap_or(asked.name);
        asked.baggage = baggage.as_ref();
        open(local, &asked, frame)
    });
    let depth = depth.unwrap_or(0);
    run::begins(depth);
    Call::reaching(Exit::Long.from(depth))
}

/// A call ends with an error: what has become of it decides the span's status.
#[cold]
#[inline(never)]
pub(crate) fn failed(call: Call, told: &Told<'_>, late: Option<&mut dyn FnMut(&mut Words)>) {
    let Some(site) = call.site() else { return };
    let verdict = state::muted(|| once::observe(site, told, late, &OpenStack));
    run::failed(site, &verdict);
    call.end(if verdict.expected { End::Ok } else { End::Failed(verdict.status) });
}

/// The call began so long ago.
pub(super) fn backdate(call: &Call, ago: Duration) {
    state::with(|local| {
        let mut frames = local.frames().borrow_mut();
        if let Some(frame) = ((call.depth & DEPTH) as usize).checked_sub(1).and_then(|at| frames.get_mut(at)) {
            // The clock began with the program: nothing in it can have begun before.
            frame.start = frame.start.checked_sub(ago).unwrap_or(super::clock::Instant::ZERO);
        }
    });
}

/// Whether values of a call under way are wanted.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn wants_values() -> bool {
    !matches!(state::mode(), Mode::Idle | Mode::Muted)
}

/// Whether a call that begins soon may be recorded.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn may_record() -> bool {
    match state::mode() {
        Mode::Muted => false,
        Mode::Idle => state::wanted() != Wanted::Nothing,
        _ => true,
    }
}

/// Records values for the innermost call of this thread, if it is a call of `site`.
pub(crate) fn attach(site: &'static CallSite, values: Values) {
    innermost(|frame| {
        if std::ptr::eq(frame.site, site) {
            frame.more_mut().values.absorb(values);
        }
    });
}

/// The innermost frame of this thread. `f` must not run code of the program.
pub(super) fn innermost<R>(f: impl FnOnce(&mut Frame) -> R) -> Option<R> {
    state::with(|local| {
        let base = local.base.get();
        let mut frames = local.frames().try_borrow_mut().ok()?;
        if state::mode() == Mode::Idle || frames.len() <= base {
            return None;
        }
        frames.last_mut().map(f)
    })
    .flatten()
}
