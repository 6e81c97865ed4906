//! One annotated call: its beginning and its end.

use std::thread::panicking;

use sentry_core::Hub;
use sentry_core::protocol::SpanStatus;

use super::builder::BUILT;
use super::clock::Instant;
use super::current::OpenStack;
use super::frame::{Frame, More};
use super::record::Record;
use super::root::{self, Asked, Root, Way};
use super::state::{self, HubSwitchGuardDebug, Local, Mode, Wanted, identity};
use super::trace::MAX_SPANS;
use super::watch::Start;
use super::{late, run, timed};
use crate::CallSite;
use crate::capture::once;
use crate::capture::told::Told;
use crate::capture::values::Values;
use crate::capture::values::Words;
use crate::site::Kind;

/// One call under way on this thread. Dropped without being ended, it ends as a panic does if the thread has begun to
/// panic, else as ok.
#[derive(Debug)]
#[must_use]
pub struct Call {
    /// How many frames are open with this one; 0 if nothing is recorded.
    depth: u32,
}

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

    pub(super) fn at(depth: u32) -> Self {
        Self { depth }
    }

    /// Whether anything is recorded of this call.
    #[inline(always)]
    pub(crate) fn is_open(&self) -> bool {
        self.depth != 0
    }

    fn site(&self) -> Option<&'static CallSite> {
        state::with(|local| Some(local.frames.borrow().get((self.depth as usize).checked_sub(1)?)?.site)).flatten()
    }

    /// Ends the call.
    #[inline(always)]
    pub(crate) fn end(self, end: End) {
        if self.depth != 0 {
            leave(self.depth, end);
        }
        std::mem::forget(self);
    }
}

impl Drop for Call {
    #[inline(always)]
    fn drop(&mut self) {
        if self.depth != 0 {
            leave(self.depth, End::Unseen);
        }
    }
}

/// Whether an annotated call has nothing to do: the one check that every call pays.
#[inline(always)]
pub(super) fn idle() -> bool {
    state::mode() == Mode::Idle && state::wanted() == Wanted::Nothing && !(state::should_look() && state::look())
}

/// Enters an annotated function on this thread.
#[inline(always)]
pub(crate) fn enter(site: &'static CallSite) -> Call {
    if idle() { Call::NONE } else { begin(site) }
}

#[inline(never)]
fn begin(site: &'static CallSite) -> Call {
    let depth = state::with(|local| match state::mode() {
        Mode::Muted => 0,
        Mode::Idle if state::wanted() == Wanted::Traces => open(local, &Asked::by(site), Frame::new(site, Mode::Idle)),
        // Only where clients differ can one below an errors-only one want more.
        Mode::Errors if state::wanted() == Wanted::Traces && identity(&Hub::current()) != local.hub.get() => {
            open(local, &Asked::by(site), Frame::new(site, Mode::Errors))
        }
        mode @ (Mode::Idle | Mode::Errors) => push(local, Frame::new(site, mode), Mode::Errors),
        mode => {
            let hub = Hub::current();
            let special = mode == Mode::Sampled && site.kind().any(Kind::ROOT.and(Kind::SCOPE));
            if special || identity(&hub) != local.hub.get() {
                return open(local, &Asked::by(site), Frame::new(site, mode));
            }
            child(local, Frame::new(site, mode), mode, site.kind())
        }
    });
    Call { depth: depth.unwrap_or(0) }
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
        let mut baggage = None;
        if let Some(start) = start {
            asked.parent = start.parent;
            baggage = start.baggage;
            let more = frame.more_mut();
            more.values = start.values;
            more.run = start.run;
        }
        asked.baggage = baggage.as_ref();
        open(local, &asked, frame)
    });
    let depth = depth.unwrap_or(0);
    run::begins(depth);
    Call { depth }
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

/// Enters a call below the innermost span of this thread.
pub(super) fn child(local: &Local, mut frame: Frame, mode: Mode, kind: Kind) -> u32 {
    if mode == Mode::Sampled && kind.has(Kind::SPAN) {
        span(local, &mut frame);
        if kind.has(Kind::SCOPE) {
            show(local, &mut frame);
        }
    }
    push(local, frame, mode)
}

/// Makes the frame a span.
pub(super) fn span(local: &Local, frame: &mut Frame) {
    let begun = local.begun.get();
    local.begun.set(begun.saturating_add(1));
    // The newest are dropped: what begins after the thousandth. Its children hang off the nearest span that is there.
    if (begun as usize) < MAX_SPANS {
        frame.id = local.next_id();
        frame.parent = local.cur.replace(frame.id);
        frame.start = Instant::now();
    }
}

/// Shows the span to foreign code: a stand-in with its id becomes the scope's span.
#[cold]
pub(super) fn show(local: &Local, frame: &mut Frame) {
    let Some(trace) = local.trace() else { return };
    if frame.id == 0 {
        return;
    }
    let (above, id) = (super::trace::span_id(frame.parent), super::trace::span_id(frame.id));
    let now = std::time::SystemTime::now();
    let parent: sentry_core::TransactionOrSpan = if frame.parent == trace.root {
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

/// Begins a call that is not simply below the innermost span.
#[cold]
#[inline(never)]
pub(super) fn open(local: &Local, asked: &Asked<'_>, mut frame: Frame) -> u32 {
    let before = frame.before;
    match root::open(local, asked, before) {
        Way::Nothing => 0,
        Way::Child { hub } => {
            let outer = local.hub.replace(hub);
            frame.more_mut().hub = Some(outer);
            let kind = frame.site.kind();
            child(local, frame, before, kind)
        }
        Way::Frame(context) => {
            let mode = context.mode;
            if before == Mode::Idle {
                local.hub.set(context.hub);
                local.base.set(context.base);
            } else {
                let outer = local.switch(context);
                frame.more_mut().root = Some(Root::restoring(outer));
                frame.flags |= Frame::ROOT;
            }
            push(local, frame, mode)
        }
        Way::Root(context, mut root, id) => {
            let mode = context.mode;
            if asked.isolated
                && let Some(hub) = &root.hub
            {
                let guard = sentry_core::HubSwitchGuard::new(hub.clone());
                local.bound.borrow_mut().push(HubSwitchGuardDebug(guard));
                root.bound = true;
            }
            root.outer = Some(local.switch(context));
            frame.id = if mode == Mode::Sampled { id } else { 0 };
            frame.start = Instant::now();
            frame.flags |= Frame::ROOT;
            frame.more_mut().root = Some(root);
            push(local, frame, mode)
        }
    }
}

/// Puts the frame on the thread's stack; tells how many are there with it.
pub(super) fn push(local: &Local, mut frame: Frame, mode: Mode) -> u32 {
    let site = frame.site;
    if site.slow().is_some() || site.kind().has(Kind::METRIC) {
        frame.flags |= Frame::TIMED;
        if frame.start == Instant::ZERO {
            frame.start = Instant::now();
        }
    }
    state::set_mode(mode);
    let mut frames = local.frames.borrow_mut();
    frames.push(frame);
    frames.len() as u32
}

#[inline(never)]
fn leave(depth: u32, end: End) {
    state::with(|local| close(local, depth, end));
}

/// Ends the call whose frame is the `depth`th, and any above it that were never ended.
pub(super) fn close(local: &Local, depth: u32, end: End) {
    let flags = match local.frames.borrow().get(depth as usize - 1) {
        Some(frame) => frame.flags,
        None => return,
    };
    let status = match end {
        End::Unseen if panicking() && flags & Frame::PANICKING == 0 => SpanStatus::InternalError,
        End::Unseen | End::Ok => SpanStatus::Ok,
        End::Failed(status) => status,
        End::Panicked => SpanStatus::InternalError,
        End::Cancelled => SpanStatus::Cancelled,
    };
    let ended = Instant::now();
    if run::is_of(local, depth) {
        run::ends(local, depth, end);
    }
    if flags & (Frame::TIMED | Frame::ASYNC) != 0 {
        timed::ended(local, depth, ended, status);
    }
    loop {
        let mut frames = local.frames.borrow_mut();
        if frames.len() < depth as usize {
            return;
        }
        let Some(mut frame) = frames.pop() else { return };
        if std::ptr::eq(frame.site, &BUILT) {
            // No annotated function: it handles no error, so what it knows is known around it.
            if let Some(more) = frame.more.as_deref_mut().filter(|more| !more.marks.is_empty())
                && let Some(above) = frames.last_mut()
            {
                above.more_mut().marks.absorb(std::mem::take(&mut more.marks));
            }
        } else if let Some(above) = frames.last_mut().and_then(|above| above.more.as_deref_mut())
            && !matches!(end, End::Failed(_))
        {
            above.marks.inner_call_went_well();
        }
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
fn finish(local: &Local, mut frame: Frame, ended: Instant, status: SpanStatus) {
    let status = frame.status.unwrap_or(status);
    if frame.flags & (Frame::ROOT | Frame::SCOPED) != 0 || frame.more.as_deref().is_some_and(|more| more.hub.is_some())
    {
        finish_special(local, frame, ended, status);
        return;
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
    let late = late.filter(|_| !local.frames.borrow().iter().any(|frame| frame.id == record.parent));
    match late {
        Some(trace) => late::send(&trace, record, &mut local.records.take()),
        None => local.records.borrow_mut().push(record),
    }
}

#[cold]
#[inline(never)]
fn finish_special(local: &Local, mut frame: Frame, ended: Instant, status: SpanStatus) {
    if let Some(root) = frame.more.as_deref_mut().and_then(|more| more.root.take()) {
        let before = frame.before;
        let top = record(&mut frame, ended, status);
        root.close(local, top);
        state::set_mode(before);
        return;
    }
    hide(&mut frame);
    if let Some(hub) = frame.more.as_deref_mut().and_then(|more| more.hub.take()) {
        local.hub.set(hub);
    }
    state::set_mode(frame.before);
    if frame.id != 0 {
        local.cur.set(frame.parent);
        keep(local, record(&mut frame, ended, status), frame.has(Frame::ASYNC));
    }
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

/// Whether values of a call under way are wanted.
#[inline(always)]
pub(crate) fn wants_values() -> bool {
    !matches!(state::mode(), Mode::Idle | Mode::Muted)
}

/// Whether a call that begins soon may be recorded.
#[inline(always)]
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
        let mut frames = local.frames.try_borrow_mut().ok()?;
        if state::mode() == Mode::Idle || frames.len() <= base {
            return None;
        }
        frames.last_mut().map(f)
    })
    .flatten()
}

impl More {
    /// Whether there is anything that a span shows.
    fn tells(&self) -> bool {
        !self.values.fields.is_empty() || self.name.is_some() || self.op.is_some() || self.polls.is_some()
    }
}
