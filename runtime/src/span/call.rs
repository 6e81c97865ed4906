//! One annotated call: its beginning and its end.

use std::thread::panicking;
use std::time::Duration;

use sentry_core::Hub;
use sentry_core::protocol::SpanStatus;

use super::builder::BUILT;
use super::clock::Instant;
use super::current::OpenStack;
use super::frame::{Frame, More};
use super::record::Record;
use super::root::{self, Asked, Root, Way};
use super::state::{self, HubSwitchGuardDebug, Local, Mode, Wanted, identity};
use super::trace::{MAX_SPANS, Trace};
use super::watch::Start;
use super::{late, promotion, run, timed};
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
}

impl Exit {
    /// How the call of this frame ends, in this mode.
    #[inline]
    pub(super) fn of(frame: &Frame, mode: Mode) -> Self {
        match mode {
            Mode::Sampled if frame.id != 0 => Self::Span,
            Mode::Noted => Self::Noted,
            _ => Self::Frame,
        }
    }
}

/// The part of [`Call::depth`] that is the depth.
const DEPTH: u32 = !(Exit::Noted as u32 | Exit::Span as u32);

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

    pub(super) fn at(depth: u32, exit: Exit) -> Self {
        Self { depth: depth | exit as u32 }
    }

    /// Whether anything is recorded of this call.
    #[inline(always)]
    pub(crate) fn is_open(&self) -> bool {
        self.depth != 0
    }

    fn site(&self) -> Option<&'static CallSite> {
        state::with(|local| Some(local.frames.borrow().get(((self.depth & DEPTH) as usize).checked_sub(1)?)?.site))
            .flatten()
    }

    /// Ends the call.
    #[inline(always)]
    pub(crate) fn end(self, end: End) {
        if self.depth != 0 {
            match end {
                End::Ok => leave_well(self.depth),
                end @ End::Failed(_) if self.depth & !DEPTH == 0 => leave_frame(self.depth, end),
                end => leave(self.depth, end),
            }
        }
        std::mem::forget(self);
    }
}

impl Drop for Call {
    #[inline(always)]
    fn drop(&mut self) {
        if self.depth != 0 {
            leave_unseen(self.depth);
        }
    }
}

/// Whether an annotated call has nothing to do.
#[inline(always)]
pub(super) fn idle() -> bool {
    state::passes() || state::idles()
}

/// Enters an annotated function on this thread.
#[inline(always)]
pub(crate) fn enter(site: &'static CallSite) -> Call {
    Call { depth: if state::passes() { 0 } else { begin(site) } }
}

#[inline(never)]
fn begin(site: &'static CallSite) -> u32 {
    if site.kind().any(Kind::SPECIAL) {
        return begin_special(site);
    }
    match state::mode() {
        Mode::Sampled => begin_sampled(site),
        Mode::Unsampled => begin_unsampled(site),
        Mode::Noted => begin_noted(site),
        _ => begin_alone(site),
    }
}

/// A plain call below no root. Apart, so that those below one have less to save and restore.
#[inline(never)]
fn begin_alone(site: &'static CallSite) -> u32 {
    match state::mode() {
        Mode::Idle | Mode::Errors if is_frame(site.kind()) => begin_errors(site),
        _ => begin_special(site),
    }
}

/// Whether a call outside of any trace is no more than a frame: nobody wants spans, or the call makes none.
#[inline(always)]
pub(super) fn is_frame(kind: Kind) -> bool {
    match state::wanted() {
        Wanted::Nothing => false,
        Wanted::Errors => true,
        Wanted::Traces => !kind.any(Kind::SPAN.and(Kind::TASK)),
    }
}

/// Whether a span below frames of an errors-only client, or of calls that make no spans, may be one of its own: where the
/// hub is not known, or only where clients differ, since below an errors-only client another one may want more.
pub(super) fn may_be_traced(local: &Local, kind: Kind) -> bool {
    kind.has(Kind::SPAN) && state::wanted() == Wanted::Traces && (local.hub.get() == NO_HUB || check_hub(local))
}

/// The identity of no hub: frames are open, and nobody has asked yet whether spans are wanted below.
pub(super) const NO_HUB: usize = 0;

#[inline(never)]
fn begin_sampled(site: &'static CallSite) -> u32 {
    let depth = state::with(|local| {
        if other_hub(local) {
            return None;
        }
        let mut frame = Frame::plain(site, Mode::Sampled);
        let mut tag = 0;
        if site.kind().has(Kind::SPAN) {
            span(local, &mut frame);
            tag = if frame.id == 0 { 0 } else { Exit::Span as u32 };
        }
        Some(put(local, frame) | tag)
    });
    depth.flatten().unwrap_or_else(|| begin_special(site))
}

#[inline(never)]
fn begin_unsampled(site: &'static CallSite) -> u32 {
    let depth = state::with(|local| {
        if other_hub(local) {
            return None;
        }
        Some(put(local, Frame::plain(site, Mode::Unsampled)))
    });
    depth.flatten().unwrap_or_else(|| begin_special(site))
}

#[inline(never)]
fn begin_noted(site: &'static CallSite) -> u32 {
    let depth = state::with(|local| {
        if other_hub(local) {
            return None;
        }
        let mut frame = Frame::plain(site, Mode::Noted);
        promotion::began(&mut frame, Mode::Noted);
        Some(put(local, frame) | Exit::Noted as u32)
    });
    depth.flatten().unwrap_or_else(|| begin_special(site))
}

#[inline(never)]
fn begin_errors(site: &'static CallSite) -> u32 {
    let depth = state::with(|local| {
        let mode = state::mode();
        if mode == Mode::Idle {
            local.hub.set(NO_HUB);
        }
        state::set_mode(Mode::Errors);
        put(local, Frame::plain(site, mode))
    });
    depth.unwrap_or(0)
}

/// A call that is more than a frame below the innermost span.
#[inline(never)]
fn begin_special(site: &'static CallSite) -> u32 {
    if state::idles() {
        return 0;
    }
    state::with(|local| begin_specially(local, site, state::mode())).unwrap_or(0)
}

fn begin_specially(local: &Local, site: &'static CallSite, mode: Mode) -> u32 {
    let frame = Frame::new(site, mode);
    match mode {
        Mode::Muted => 0,
        Mode::Idle if is_frame(site.kind()) => {
            local.hub.set(NO_HUB);
            push(local, frame, Mode::Errors)
        }
        Mode::Idle => open(local, &Asked::by(site), frame),
        Mode::Errors if may_be_traced(local, site.kind()) => open(local, &Asked::by(site), frame),
        Mode::Errors => push(local, frame, Mode::Errors),
        Mode::Sampled if site.kind().any(Kind::ROOT.and(Kind::SCOPE)) => open(local, &Asked::by(site), frame),
        _ if check_hub(local) => open(local, &Asked::by(site), frame),
        _ => child(local, frame, mode, site.kind()),
    }
}

/// Whether another hub was bound since the root of this thread was opened.
///
/// To ask sentry costs as much as the whole call. Nobody can have bound another hub as long as there is none; and where hubs
/// are seen to be bound between our calls, each call asks. So do the first calls of every root and each 64th, for the sake
/// of hubs that were made long before.
#[inline]
pub(super) fn other_hub(local: &Local) -> bool {
    let trusted = local.trusted.get();
    if trusted > 0 && local.trace.borrow().as_deref().is_some_and(Trace::same_hubs) {
        local.trusted.set(trusted - 1);
        return false;
    }
    check_hub(local)
}

/// How many calls ask before anything is taken on trust, and how many may then pass without.
const FIRST_CALLS: u32 = 16;
const TRUSTED_CALLS: u32 = 63;

#[cold]
#[inline(never)]
fn check_hub(local: &Local) -> bool {
    let asked = local.asked.get().saturating_add(1);
    local.asked.set(asked);
    let other = identity(&Hub::current()) != local.hub.get();
    if other {
        state::note_bound_hub();
    }
    let trust = asked >= FIRST_CALLS && !state::hubs_are_bound();
    local.trusted.set(if trust { TRUSTED_CALLS } else { 0 });
    other
}

/// Puts a frame on the thread's stack; tells how many are there with it.
#[inline(always)]
pub(super) fn put(local: &Local, frame: Frame) -> u32 {
    // Borrowed only while nothing of the program runs.
    let Ok(mut frames) = local.frames.try_borrow_mut() else { return 0 };
    if frames.len() == frames.capacity() {
        grow(&mut frames);
    }
    frames.push(frame);
    frames.len() as u32
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
#[inline]
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

/// The call began so long ago.
pub(super) fn backdate(call: &Call, ago: Duration) {
    state::with(|local| {
        let mut frames = local.frames.borrow_mut();
        if let Some(frame) = ((call.depth & DEPTH) as usize).checked_sub(1).and_then(|at| frames.get_mut(at)) {
            frame.start = frame.start.checked_sub(ago).unwrap_or(frame.start);
        }
    });
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
        Way::Frame(context, _) => {
            let mode = context.mode;
            if before == Mode::Idle && mode != Mode::Noted {
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
    if frame.site.kind().any(Kind::TIMED) {
        frame.flags |= Frame::TIMED;
        if frame.start == Instant::ZERO {
            frame.start = Instant::now();
        }
    }
    promotion::began(&mut frame, mode);
    state::set_mode(mode);
    put(local, frame)
}

#[inline(never)]
fn leave_unseen(depth: u32) {
    if panicking() {
        leave(depth, End::Unseen);
    } else {
        leave_well(depth);
    }
}

#[inline(never)]
fn leave_well(depth: u32) {
    if depth & Exit::Span as u32 != 0 {
        leave_span(depth & DEPTH);
    } else if depth & Exit::Noted as u32 != 0 {
        leave_noted(depth & DEPTH);
    } else {
        leave_frame(depth, End::Ok);
    }
}

#[cold]
#[inline(never)]
fn leave(depth: u32, end: End) {
    state::with(|local| close(local, depth & DEPTH, end));
}

/// Ends a call that records nothing, well or with an error. A function for each way: each is short enough to be fast.
#[inline(never)]
fn leave_frame(depth: u32, end: End) {
    let done = state::with(|local| {
        let Ok(mut frames) = local.frames.try_borrow_mut() else { return true };
        let Some(frame) = plain(&mut frames, depth).filter(|frame| frame.id == 0 && frame.before != Mode::Noted) else {
            return false;
        };
        state::set_mode(frame.before);
        // It has nothing that would have to be dropped.
        std::mem::forget(frames.pop());
        true
    });
    if done == Some(false) {
        leave(depth, end);
    }
}

/// Ends a call of which a note is taken, well.
#[inline(never)]
fn leave_noted(depth: u32) {
    let done = state::with(|local| {
        let Ok(mut frames) = local.frames.try_borrow_mut() else { return true };
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
        let (Ok(mut frames), Ok(mut records)) = (local.frames.try_borrow_mut(), local.records.try_borrow_mut()) else {
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
        || frame.flags & !Frame::ASYNC != 0
        || frame.more.is_some()
        || below.last().is_some_and(|above| above.has(Frame::MARKED));
    (!special).then_some(frame)
}

/// Makes room apart, so that the calls that find some pay nothing for it.
#[cold]
#[inline(never)]
fn grow<T>(buffer: &mut Vec<T>) {
    buffer.reserve(64);
}

/// Ends the call whose frame is the `depth`th, and any above it that were never ended.
#[inline(never)]
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
    if flags & Frame::TASK != 0 {
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
                above.marks_mut().absorb(std::mem::take(&mut more.marks));
            }
        } else if let Some(above) = frames.last_mut().filter(|above| above.has(Frame::MARKED))
            && !matches!(end, End::Failed(_))
        {
            above.marks_mut().inner_call_went_well();
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
fn finish(local: &Local, frame: Frame, ended: Instant, status: SpanStatus) {
    let status = frame.status.unwrap_or(status);
    if frame.flags & (Frame::ROOT | Frame::SCOPED) != 0 || frame.more.as_deref().is_some_and(|more| more.hub.is_some())
    {
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
