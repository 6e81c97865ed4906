//! The polls of a future that is watched.
//!
//! The first poll decides what is recorded ([`Watched::enter`]). Most futures are ready before they are ever kept: their frame
//! stands on the thread's stack alone, as a function's does, and nothing but their call has an end. One that waits takes its
//! frame along (`kept.rs`).

use std::mem::ManuallyDrop;
use std::task::Poll;

use super::call::{Call, DEPTH, End, Exit};
use super::frame::Frame;
use super::kept::Kept;
use super::root::{self, Asked, Way};
use super::state::{self, Local, Mode};
use super::watch::{Observe, Start};
use super::{begin, end, hubs, run, scope};
use crate::CallSite;
use crate::site::Kind;

/// The part of a [`Watch`](super::Watch) that is the same for all futures.
#[derive(Debug)]
pub(super) struct Watched {
    site: &'static CallSite,
    stage: Stage,
    /// What the future starts with while it is new, or what is kept of it between polls while it is open; else none: so its drop
    /// need not look.
    kept: ManuallyDrop<Option<Box<Kept>>>,
}

/// How far a future has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    /// At its first poll, and something may be wanted of it.
    Asked,
    /// Begun, and kept between polls.
    Open,
    /// Nothing more is recorded of it: nothing was wanted at its first poll, or it is at its end; or it is polled for the first
    /// time, which most are only once.
    Over,
}

/// One poll under way.
#[must_use]
pub(super) struct Entered<'a> {
    watched: &'a mut Watched,
    left: &'a mut Left,
    /// As a [`Call`]'s; 0 if nothing is recorded of the poll, or once it is over.
    depth: u32,
}

/// How a first poll goes on that is not plain.
enum Step {
    Nothing,
    /// On the thread's stack alone; its depth, with its [`Exit`].
    Here(u32),
    /// As every later poll.
    Kept(Box<Kept>),
}

impl Watched {
    #[inline(always)]
    pub(super) fn new(site: &'static CallSite) -> Self {
        Self { site, stage: Stage::New, kept: ManuallyDrop::new(None) }
    }

    /// Of a future that is about to be polled.
    #[inline(always)]
    pub(super) fn asked(site: &'static CallSite) -> Self {
        Self { site, stage: Stage::Asked, kept: ManuallyDrop::new(None) }
    }

    /// What is known before the first poll.
    pub(super) fn start_with(&mut self, start: Box<Start>) {
        *self.kept = Some(Box::new(Kept::starting(start)));
    }

    /// Enters one poll. Where nothing is wanted, that is told by the one check that every call pays.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn enter<'a>(&'a mut self, left: &'a mut Left) -> Entered<'a> {
        // Most futures are polled once.
        let depth = if self.stage == Stage::Asked { self.first() } else { self.enter_other() };
        Entered { watched: self, left, depth }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn enter_other(&mut self) -> u32 {
        match self.stage {
            Stage::Over => 0,
            Stage::New if state::passes() => {
                self.stage = Stage::Over;
                drop(self.kept.take());
                0
            }
            Stage::New | Stage::Asked => self.first(),
            Stage::Open => self.again(),
        }
    }

    #[inline(never)]
    fn first(&mut self) -> u32 {
        self.stage = Stage::Over;
        if self.kept.is_none() && !self.site.kind().any(Kind::SPECIAL) {
            let depth = begin::begin_plain::<true>(self.site);
            if depth != 0 {
                return depth;
            }
        }
        self.first_long()
    }

    #[inline(never)]
    fn first_long(&mut self) -> u32 {
        let start = self.kept.take().and_then(|kept| kept.start);
        if state::idles() {
            return 0;
        }
        let site = self.site;
        match state::with(|local| first(local, site, start)) {
            None | Some(Step::Nothing) => 0,
            Some(Step::Here(depth)) => depth,
            Some(Step::Kept(kept)) => {
                self.stage = Stage::Open;
                *self.kept = Some(kept);
                let depth = self.again();
                if site.kind().has(Kind::TASK) {
                    run::begins(depth & DEPTH);
                }
                depth
            }
        }
    }

    #[inline(never)]
    fn again(&mut self) -> u32 {
        let Some(kept) = self.kept.as_deref_mut() else { return 0 };
        state::with(|local| kept.resume(local)).flatten().unwrap_or(0)
    }
}

/// The first poll decides what is recorded of the future.
fn first(local: &Local, site: &'static CallSite, start: Option<Box<Start>>) -> Step {
    let mode = state::mode();
    let mut asked = Asked::by(site);
    let mut frame = Frame::new(site, mode);
    frame.flags |= Frame::ASYNC;
    let (mut op, mut name, mut baggage) = (None, None, None);
    // A scope of its own is owed to it, whatever is recorded.
    let mut apart = site.kind().has(Kind::TASK);
    if let Some(start) = start {
        let more = frame.more_mut();
        more.values = start.values;
        more.run = start.run;
        (op, name) = (start.op, start.name);
        more.op.clone_from(&op);
        more.name.clone_from(&name);
        asked.parent = start.parent;
        baggage = start.baggage;
        asked.own |= start.own;
        asked.child = start.child;
        apart |= start.isolated;
        asked.source = start.source.unwrap_or(asked.source);
    }
    asked.op = op.as_deref().unwrap_or(asked.op);
    asked.name = name.as_deref().unwrap_or(asked.name);
    asked.baggage = baggage.as_ref();
    // Whatever the root is, a future has a scope of its own: it may be polled on any thread.
    asked.isolated = true;
    match mode {
        Mode::Muted => Step::Nothing,
        Mode::Idle | Mode::Errors if asked.parent.is_some() || apart => open(local, &asked, frame, mode),
        Mode::Idle if !begin::is_frame(site.kind()) => open(local, &asked, frame, mode),
        Mode::Errors if begin::may_be_traced(local, site.kind()) => open(local, &asked, frame, mode),
        Mode::Idle => {
            local.hub.set(hubs::NO_HUB);
            frame.flags |= scope::may_fork(local);
            Step::Here(Exit::Long.from(begin::push(local, frame, Mode::Errors)))
        }
        Mode::Errors => Step::Here(Exit::Long.from(begin::push(local, frame, Mode::Errors))),
        _ if asked.own && (apart || mode == Mode::Sampled) => open(local, &asked, frame, mode),
        Mode::Sampled if site.kind().has(Kind::SCOPE) => open(local, &asked, frame, mode),
        _ if hubs::other_hub(local) => open(local, &asked, frame, mode),
        _ => Step::Here(Exit::Long.from(begin::child(local, frame, mode, site.kind()))),
    }
}

/// A future that is not simply below the thread's innermost span.
#[cold]
#[inline(never)]
fn open(local: &Local, asked: &Asked<'_>, mut frame: Frame, mode: Mode) -> Step {
    frame.before = Mode::Idle;
    let kept = match root::open(local, asked, mode) {
        Way::Nothing => return Step::Nothing,
        Way::Child { .. } => {
            if mode == Mode::Sampled && frame.site.kind().has(Kind::SPAN) {
                let cur = local.cur.get();
                begin::span(local, &mut frame);
                local.cur.set(cur);
            }
            Kept::below(local.trace(), frame, mode)
        }
        Way::Frame(context, hub) => Kept::apart(frame, context, hub),
        Way::Root(mut root) => {
            // Not entered here: each poll does.
            let context = std::mem::take(&mut root.context);
            if context.mode == Mode::Sampled {
                (frame.id, frame.start) = (context.cur, context.begun_at());
            }
            frame.flags |= Frame::ROOT;
            let hub = root.hub.clone();
            frame.more_mut().root = Some(root);
            Kept::apart(frame, context, hub)
        }
    };
    Step::Kept(Box::new(kept))
}

impl Entered<'_> {
    /// What the poll came to: the future waits, or its outcome is looked at.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn polled<R, O: Observe<R>>(&mut self, polled: &Poll<R>, observe: &mut Option<O>) {
        match polled {
            Poll::Pending => self.suspend(),
            Poll::Ready(out) => {
                let call = self.call();
                if let Some(observe) = observe.take() {
                    observe.observe(call, out);
                }
                self.finish(End::Unseen);
            }
        }
    }

    /// The call that this poll is part of; the future is ready.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn call(&self) -> Call {
        if let Some(kept) = self.watched.kept.as_deref() {
            kept.count(self.depth & DEPTH);
        }
        Call::reaching(self.depth)
    }

    /// The future waits: its frame leaves the thread's stack.
    #[inline(never)]
    fn suspend(&mut self) {
        let depth = self.over() & DEPTH;
        if depth == 0 {
            return;
        }
        let (watched, left) = (&mut *self.watched, &mut *self.left);
        state::with(|local| {
            watched.stage = Stage::Open;
            left.waits = true;
            end::close_above(local, depth);
            watched.kept.get_or_insert_with(|| Box::new(Kept::waiting(local))).suspend(local, depth);
        });
    }

    /// The future is at its end. Its call has ended too, unless nobody looked at the outcome.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn finish(&mut self, end: End) {
        let depth = self.over();
        // Of a future that was never kept there is no more than its call.
        if depth != 0 && self.watched.stage == Stage::Open {
            end_poll(self.watched, self.left, depth, end);
        }
    }

    /// The poll is over: nothing is left to be done when this is dropped.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn over(&mut self) -> u32 {
        std::mem::take(&mut self.depth)
    }
}

#[inline(never)]
fn end_poll(watched: &mut Watched, left: &mut Left, depth: u32, end: End) {
    watched.stage = Stage::Over;
    left.waits = false;
    let kept = watched.kept.take();
    state::with(|local| end_kept(local, kept, depth, end));
}

fn end_kept(local: &Local, kept: Option<Box<Kept>>, depth: u32, end: End) {
    if local.depth() >= (depth & DEPTH) as usize {
        end::close(local, depth & DEPTH, end);
    }
    if let Some(mut kept) = kept {
        kept.leave(local, true);
    }
}

impl Drop for Entered<'_> {
    /// The poll panicked.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if self.depth != 0 {
            let depth = self.over();
            end_poll(self.watched, self.left, depth, End::Panicked);
        }
    }
}

impl Drop for Watched {
    /// The future waits and is recorded: what its own values do when they are dropped, which is next, belongs to the call.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if matches!(self.stage, Stage::New | Stage::Open) {
            dropped(self);
        }
    }
}

#[cold]
#[inline(never)]
fn dropped(watched: &mut Watched) {
    if watched.stage == Stage::New {
        return drop(watched.kept.take());
    }
    let depth = watched.again();
    let kept = watched.kept.take();
    state::with(|local| {
        local.cancelled.borrow_mut().push(Cancelled { kept, depth, panicking: std::thread::panicking() });
    });
}

/// A future that is being dropped while it waits.
#[derive(Debug)]
pub(super) struct Cancelled {
    kept: Option<Box<Kept>>,
    depth: u32,
    /// Whether the thread was unwinding already.
    panicking: bool,
}

/// What is dropped after the future, of which it knows only whether it waits and is recorded.
#[derive(Debug)]
pub(super) struct Left {
    waits: bool,
}

impl Left {
    /// Of a future that was never polled.
    pub(super) const NEW: Self = Self { waits: false };
}

impl Drop for Left {
    /// The future was cancelled: its call is over.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if self.waits {
            cancelled();
        }
    }
}

#[cold]
#[inline(never)]
fn cancelled() {
    state::with(|local| {
        let Some(Cancelled { kept, depth, panicking }) = local.cancelled.borrow_mut().pop() else { return };
        let end = if std::thread::panicking() && !panicking { End::Panicked } else { End::Cancelled };
        if depth != 0 {
            end_kept(local, kept, depth, end);
        }
    });
}
