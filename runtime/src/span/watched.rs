//! A future between its polls and during them.
//!
//! The first poll decides what is recorded ([`Watched::enter`]). Most futures are ready before they are ever kept: their frame
//! stands on the thread's stack alone. One that waits takes its frame along, and whatever context it belongs to, and puts them
//! back wherever it is polled next.

use std::sync::Arc;

use sentry_core::{Hub, HubSwitchGuard};

use super::call::{Call, End, Exit};
use super::clock::Instant;
use super::frame::Frame;
use super::polls::{self, Polls};
use super::promotion::{self, Notes};
use super::root::{self, Asked, Way};
use super::state::{self, Context, Local, Mode, identity};
use super::trace::Trace;
use super::watch::Start;
use super::{begin, end, hubs, late, run, scope};
use crate::CallSite;
use crate::site::Kind;

/// The part of a [`Watch`](super::Watch) that is the same for all futures.
#[derive(Debug)]
pub(super) struct Watched {
    site: &'static CallSite,
    stage: Stage,
    /// What the future starts with, or what is kept of it between polls.
    kept: Option<Box<Open>>,
}

/// How far a future has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    /// Nothing was wanted at its first poll: nothing is ever recorded of it.
    Bare,
    /// Polled for the first time, with nothing kept yet.
    First,
    /// Begun, and kept between polls.
    Open,
    Done,
}

/// What is kept between polls.
#[derive(Debug)]
struct Open {
    /// Only before the first poll.
    start: Option<Box<Start>>,
    frame: Option<Frame>,
    mode: Mode,
    /// The trace that the future works for.
    trace: Option<Arc<Trace>>,
    /// A root's context, between polls.
    own: Option<Context>,
    /// A root, or a call below another hub than the call above it: the thread's context is never its own.
    apart: bool,
    /// What the thread was in the middle of, during a poll that needed another context.
    outer: Option<Context>,
    /// The hub that is bound for every poll.
    hub: Option<Arc<Hub>>,
    polls: Polls,
}

impl Open {
    fn new(mode: Mode) -> Self {
        Self {
            start: None,
            frame: None,
            mode,
            trace: None,
            own: None,
            apart: false,
            outer: None,
            hub: None,
            polls: Polls::default(),
        }
    }
}

/// One poll under way.
#[must_use]
pub(super) struct Entered<'a> {
    watched: &'a mut Watched,
    at: Place,
    /// Unbinds the hub at the end of the poll.
    _guard: Option<HubSwitchGuard>,
}

/// Where a poll stands on its thread.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// How many frames are open with the future's own; 0 once the poll is over.
    depth: u32,
    /// How its call ends.
    exit: Exit,
    /// The thread's innermost span before.
    cur: u64,
    /// When the poll began, if that is wanted.
    start: Instant,
    /// A root whose scope is forked at the first write; and what the thread's flag was before.
    forks: Option<bool>,
}

/// How a first poll goes on.
enum Step {
    Nothing,
    /// On the thread's stack alone: most futures need no more, for they never wait or are not kept apart.
    Here(Place),
    /// As every later poll.
    Kept(Box<Open>),
}

impl Watched {
    #[inline(always)]
    pub(super) fn new(site: &'static CallSite) -> Self {
        Self { site, stage: Stage::New, kept: None }
    }

    /// What is known before the first poll.
    pub(super) fn start_with(&mut self, start: Box<Start>) {
        self.kept = Some(Box::new(Open { start: Some(start), ..Open::new(Mode::Idle) }));
    }

    /// Whether nothing is recorded of this poll, told by the one check that every poll pays.
    #[inline(always)]
    pub(super) fn is_bare(&mut self) -> bool {
        match self.stage {
            Stage::Bare => true,
            Stage::New if state::passes() => {
                self.stage = Stage::Bare;
                true
            }
            _ => false,
        }
    }

    /// Enters one poll; none if nothing is recorded of it.
    #[inline]
    pub(super) fn enter(&mut self) -> Option<Entered<'_>> {
        match self.stage {
            Stage::New => self.first(),
            Stage::Open => self.again(),
            Stage::Bare | Stage::Done | Stage::First => None,
        }
    }

    /// Whether the future waits and is recorded: its call ends when it is dropped.
    #[inline(always)]
    pub(super) fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    #[inline(never)]
    fn first(&mut self) -> Option<Entered<'_>> {
        self.stage = Stage::Bare;
        if state::idles() {
            return None;
        }
        let site = self.site;
        let start = self.kept.take().and_then(|kept| kept.start);
        if start.is_none()
            && !site.kind().any(Kind::SPECIAL)
            && let Some(at) = state::with(|local| plainly(local, site)).flatten()
        {
            self.stage = Stage::First;
            return Some(Entered { watched: self, at, _guard: None });
        }
        self.specially(start)
    }

    #[inline(never)]
    fn specially(&mut self, start: Option<Box<Start>>) -> Option<Entered<'_>> {
        let site = self.site;
        match state::with(|local| first(local, site, start))? {
            Step::Nothing => None,
            Step::Here(at) => {
                self.stage = Stage::First;
                Some(Entered { watched: self, at, _guard: None })
            }
            Step::Kept(open) => {
                self.stage = Stage::Open;
                self.kept = Some(open);
                let entered = self.again()?;
                if site.kind().has(Kind::TASK) {
                    run::begins(entered.at.depth);
                }
                Some(entered)
            }
        }
    }

    #[inline(never)]
    fn again(&mut self) -> Option<Entered<'_>> {
        let open = self.kept.as_deref_mut()?;
        let (at, guard) = state::with(|local| resume(local, open)).flatten()?;
        Some(Entered { watched: self, at, _guard: guard })
    }
}

/// The first poll of a future below the thread's innermost span, or where errors alone are wanted.
#[inline]
fn plainly(local: &Local, site: &'static CallSite) -> Option<Place> {
    let mode = state::mode();
    let cur = local.cur.get();
    let mut forks = None;
    match mode {
        Mode::Sampled | Mode::Noted | Mode::Unsampled if !hubs::other_hub(local) => {}
        Mode::Idle if begin::is_frame(site.kind()) => {
            local.hub.set(hubs::NO_HUB);
            forks = Some(scope::allow_fork(local));
        }
        Mode::Errors if begin::is_frame(site.kind()) => {}
        _ => return None,
    }
    let mut frame = Frame::new(site, mode);
    frame.flags |= Frame::ASYNC;
    if mode == Mode::Sampled && site.kind().has(Kind::SPAN) {
        begin::span(local, &mut frame);
    }
    promotion::began(&mut frame, mode);
    let exit = Exit::of(&frame, mode);
    state::set_mode(mode.max(Mode::Errors));
    let depth = begin::put(local, frame);
    // The first poll began when the span did.
    Some(Place { depth, exit, cur, start: Instant::ZERO, forks })
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
        Mode::Idle | Mode::Errors => {
            let forks = (mode == Mode::Idle).then(|| {
                local.hub.set(hubs::NO_HUB);
                scope::allow_fork(local)
            });
            let depth = begin::push(local, frame, Mode::Errors);
            Step::Here(Place { depth, exit: Exit::Frame, cur: local.cur.get(), start: Instant::ZERO, forks })
        }
        _ if asked.own && (apart || mode == Mode::Sampled) => open(local, &asked, frame, mode),
        Mode::Sampled if site.kind().has(Kind::SCOPE) => open(local, &asked, frame, mode),
        _ if hubs::other_hub(local) => open(local, &asked, frame, mode),
        _ => {
            let cur = local.cur.get();
            let depth = begin::child(local, frame, mode, site.kind());
            // The first poll began when the span did.
            Step::Here(Place { depth, exit: Exit::Frame, cur, start: Instant::ZERO, forks: None })
        }
    }
}

/// A future that is not simply below the thread's innermost span.
#[cold]
#[inline(never)]
fn open(local: &Local, asked: &Asked<'_>, mut frame: Frame, mode: Mode) -> Step {
    frame.before = Mode::Idle;
    let open = match root::open(local, asked, mode) {
        Way::Nothing => return Step::Nothing,
        Way::Child { .. } => {
            if mode == Mode::Sampled && frame.site.kind().has(Kind::SPAN) {
                let cur = local.cur.get();
                begin::span(local, &mut frame);
                local.cur.set(cur);
            }
            Open { frame: Some(frame), trace: local.trace(), apart: true, ..Open::new(mode) }
        }
        Way::Frame(context, hub) => {
            Open { frame: Some(frame), hub, apart: true, ..Open::new(context.mode) }.owning(context)
        }
        Way::Root(context, root, id) => {
            frame.id = if context.mode == Mode::Sampled { id } else { 0 };
            frame.start = Instant::now();
            frame.flags |= Frame::ROOT;
            let hub = root.hub.clone();
            frame.more_mut().root = Some(root);
            Open { frame: Some(frame), hub, apart: true, ..Open::new(context.mode) }.owning(context)
        }
    };
    Step::Kept(Box::new(open))
}

/// Puts the future's frame on the thread's stack again, in the context that it belongs to.
fn resume(local: &Local, open: &mut Open) -> Option<(Place, Option<HubSwitchGuard>)> {
    let mut frame = open.frame.take()?;
    let mode = state::mode();
    let cur = local.cur.get();
    let mut guard = open.hub.clone().map(HubSwitchGuard::new);
    let mut forks = None;
    let here = match &open.trace {
        Some(trace) => local.is_below(trace),
        None if open.mode == Mode::Errors => matches!(mode, Mode::Idle | Mode::Errors),
        // Below somebody else's root there is no trace of ours.
        None => open.mode == mode && local.trace.borrow().is_none(),
    };
    if let Some(mut context) = open.own.take() {
        context.base =
            if mode == Mode::Idle || frame.site.kind().has(Kind::TASK) { local.depth() } else { local.base.get() };
        open.outer = Some(local.switch(context));
    } else if here && !open.apart && mode != Mode::Muted {
        if frame.id != 0 {
            local.cur.set(frame.id);
        }
        if mode == Mode::Idle && open.hub.is_none() {
            local.hub.set(hubs::NO_HUB);
            forks = Some(scope::allow_fork(local));
        }
        frame.before = mode;
    } else {
        // Elsewhere than where its trace runs: what ends here goes to the trace when the poll is over.
        if guard.is_none() {
            guard = open.trace.as_ref().and_then(|trace| trace.hub.clone()).map(HubSwitchGuard::new);
        }
        let context = Context {
            mode: open.mode,
            cur: if frame.id != 0 { frame.id } else { frame.parent },
            hub: if open.mode == Mode::Errors { hubs::NO_HUB } else { identity(&Hub::current()) },
            begun: open.trace.as_ref().map_or(0, |trace| trace.begun()),
            base: if open.apart { local.base.get() } else { local.depth() },
            records: Vec::new(),
            notes: Notes::begin(Notes::default(), open.mode),
            trace: open.trace.clone(),
            shown: local.shown.get(),
            remote: None,
        };
        open.outer = Some(local.switch(context));
        frame.before = open.mode;
    }
    if frame.site.kind().has(Kind::SCOPE) && frame.id != 0 && !frame.has(Frame::ROOT) {
        scope::show(local, &mut frame);
    }
    let start = if open.mode == Mode::Sampled { Instant::now() } else { Instant::ZERO };
    let exit = Exit::of(&frame, open.mode);
    let depth = begin::push(local, frame, open.mode);
    Some((Place { depth, exit, cur, start, forks }, guard))
}

impl Open {
    fn owning(mut self, context: Context) -> Self {
        self.own = Some(context);
        self
    }
}

impl Entered<'_> {
    /// The call that this poll is part of; the future is ready.
    #[inline]
    pub(super) fn call(&self) -> Call {
        if let Some(open) = self.watched.kept.as_deref()
            && open.mode == Mode::Sampled
        {
            self.count(open.polls);
        }
        Call::at(self.at.depth, self.at.exit)
    }

    /// The count of the polls goes into the span that now ends.
    #[inline(never)]
    fn count(&self, mut polls: Polls) {
        state::with(|local| {
            polls::polled(local, self.at.depth, self.at.start, &mut polls);
            if let Some(frame) = local.frames.borrow_mut().get_mut(self.at.depth as usize - 1)
                && frame.id != 0
            {
                frame.more_mut().polls = Some(polls);
            }
        });
    }

    /// The future waits: its frame leaves the thread's stack.
    #[inline(never)]
    pub(super) fn suspend(mut self) {
        let at = self.over();
        state::with(|local| {
            let watched = &mut *self.watched;
            watched.stage = Stage::Open;
            let open =
                watched.kept.get_or_insert_with(|| Box::new(Open { trace: local.trace(), ..Open::new(state::mode()) }));
            end::close_above(local, at.depth);
            if open.mode == Mode::Sampled {
                polls::polled(local, at.depth, at.start, &mut open.polls);
            }
            open.frame = local.frames.borrow_mut().pop();
            if let Some(frame) = &mut open.frame {
                scope::hide(frame);
                state::set_mode(frame.before);
            }
            leave(local, open, &at, false);
        });
    }

    /// The future is at its end. Its call has ended too, unless nobody looked at the outcome.
    #[inline]
    pub(super) fn finish(mut self, end: End) {
        let at = self.over();
        end_poll(self.watched, &at, end);
    }

    /// The poll is over: nothing is left to be done when this is dropped.
    #[inline]
    fn over(&mut self) -> Place {
        let at = self.at;
        self.at.depth = 0;
        at
    }
}

#[inline(never)]
fn end_poll(watched: &mut Watched, at: &Place, end: End) {
    watched.stage = Stage::Done;
    state::with(|local| {
        if local.depth() >= at.depth as usize {
            end::close(local, at.depth, end);
        }
        match watched.kept.take() {
            Some(mut open) => leave(local, &mut open, at, true),
            None => {
                local.cur.set(at.cur);
                scope::end_fork(local, at.forks);
            }
        }
    });
}

impl Drop for Entered<'_> {
    /// The poll panicked.
    #[inline]
    fn drop(&mut self) {
        if self.at.depth != 0 {
            let at = self.over();
            end_poll(self.watched, &at, End::Panicked);
        }
    }
}

/// Gives the thread back what it was in the middle of.
fn leave(local: &Local, open: &mut Open, at: &Place, ended: bool) {
    match open.outer.take() {
        None => local.cur.set(at.cur),
        Some(outer) => {
            let mut context = local.switch(outer);
            match &open.trace {
                // A call below its trace, polled elsewhere.
                Some(trace) => {
                    promotion::hand_in(trace, &mut context.notes);
                    late::add(trace, &mut context.records, if ended { context.cur } else { 0 });
                }
                None if !ended => open.own = Some(context),
                None => {}
            }
        }
    }
    if let Some(hub) = scope::end_fork(local, at.forks) {
        open.hub = Some(hub);
    }
}
