//! A future between its polls, and what it needs to be polled again.
//!
//! It takes its frame along when it waits, and whatever context it belongs to, and puts them back wherever it is polled next.

use std::sync::Arc;

use sentry_core::Hub;

use super::call::Exit;
use super::clock::Instant;
use super::frame::Frame;
use super::polls::{self, Polls};
use super::promotion::{self, Notes};
use super::state::{self, Context, Local, Mode, identity};
use super::trace::Trace;
use super::watch::Start;
use super::{begin, hubs, late, scope, trail};
use crate::site::Kind;

/// What is kept between polls.
#[derive(Debug)]
pub(super) struct Kept {
    /// Only before the first poll.
    pub(super) start: Option<Box<Start>>,
    frame: Option<Frame>,
    mode: Mode,
    /// The trace that the future works for.
    trace: Option<Arc<Trace>>,
    /// A root's context, between polls.
    own: Option<Context>,
    /// A root, or a call below another hub than the call above it: the thread's context is never its own.
    apart: bool,
    /// The hub that is bound for every poll.
    hub: Option<Arc<Hub>>,
    polls: Polls,
    /// When the poll that is under way began, if that is wanted. The first one began when the span did.
    began: Instant,
    /// The innermost span of the thread before this poll.
    cur: u64,
    /// What the thread was in the middle of, during a poll that needed another context.
    outer: Option<Context>,
    /// Whether a hub is bound for this poll.
    bound: bool,
}

impl Kept {
    fn new(mode: Mode) -> Self {
        Self {
            start: None,
            frame: None,
            mode,
            trace: None,
            own: None,
            apart: false,
            hub: None,
            polls: Polls::default(),
            began: Instant::ZERO,
            cur: 0,
            outer: None,
            bound: false,
        }
    }

    /// Of a future that was never polled.
    pub(super) fn starting(start: Box<Start>) -> Self {
        Self { start: Some(start), ..Self::new(Mode::Idle) }
    }

    /// Of one that waits in its first poll, with its frame on the thread's stack.
    pub(super) fn waiting(local: &Local) -> Self {
        let frames = local.frames().borrow();
        let span = frames.last().filter(|frame| frame.id != 0);
        let cur = span.map_or_else(|| local.cur.get(), |frame| frame.parent);
        Self { trace: local.trace(), cur, ..Self::new(state::mode()) }
    }

    /// Of one whose hub is not that of the call above it, but whose trace is.
    pub(super) fn below(trace: Option<Arc<Trace>>, frame: Frame, mode: Mode) -> Self {
        Self { frame: Some(frame), trace, apart: true, ..Self::new(mode) }
    }

    /// Of one in a context of its own.
    pub(super) fn apart(frame: Frame, context: Context, hub: Option<Arc<Hub>>) -> Self {
        let mode = context.mode;
        Self { frame: Some(frame), hub, apart: true, own: Some(context), ..Self::new(mode) }
    }

    /// Puts the future's frame on the thread's stack again, in the context that it belongs to; tells the depth, with its
    /// [`Exit`].
    pub(super) fn resume(&mut self, local: &Local) -> Option<u32> {
        let mut frame = self.frame.take()?;
        let mode = state::mode();
        self.cur = local.cur.get();
        self.bind(local, self.hub.clone());
        let here = match &self.trace {
            Some(trace) => local.is_below(trace),
            None if self.mode == Mode::Errors => matches!(mode, Mode::Idle | Mode::Errors),
            // Below somebody else's root there is no trace of ours.
            None => self.mode == mode && local.trace.borrow().is_none(),
        };
        if let Some(mut context) = self.own.take() {
            context.base =
                if mode == Mode::Idle || frame.site.kind().has(Kind::TASK) { local.depth() } else { local.base.get() };
            self.outer = Some(local.switch(context));
        } else if here && !self.apart && mode != Mode::Muted {
            if frame.id != 0 {
                local.cur.set(frame.id);
            }
            if mode == Mode::Idle && self.hub.is_none() {
                local.hub.set(hubs::NO_HUB);
                frame.flags |= scope::may_fork(local);
            }
            frame.before = mode;
        } else {
            // Elsewhere than where its trace runs: what ends here goes to the trace when the poll is over.
            if !self.bound {
                self.bind(local, self.trace.as_ref().and_then(|trace| trace.hub.clone()));
            }
            let context = Context {
                mode: self.mode,
                cur: if frame.id != 0 { frame.id } else { frame.parent },
                hub: if self.mode == Mode::Errors { hubs::NO_HUB } else { identity(&Hub::current()) },
                begun: self.trace.as_ref().map_or(0, |trace| trace.begun()),
                base: if self.apart { local.base.get() } else { local.depth() },
                records: Vec::new(),
                notes: Notes::begin(Notes::default(), self.mode),
                trace: self.trace.clone(),
                shown: local.shown.get(),
                remote: None,
            };
            self.outer = Some(local.switch(context));
            frame.before = self.mode;
        }
        if frame.site.kind().has(Kind::SCOPE) && frame.id != 0 && !frame.has(Frame::ROOT) {
            scope::show(local, &mut frame);
        }
        self.began = if self.mode == Mode::Sampled { Instant::now() } else { Instant::ZERO };
        let exit = Exit::of(&frame, self.mode);
        Some(exit.from(begin::push(local, frame, self.mode)))
    }

    fn bind(&mut self, local: &Local, hub: Option<Arc<Hub>>) {
        if let Some(hub) = hub {
            local.bind(hub);
            self.bound = true;
        }
    }

    /// The last poll's place in the count, which goes into the span that now ends.
    #[inline]
    pub(super) fn count(&self, depth: u32) {
        if self.mode == Mode::Sampled && depth != 0 {
            self.count_last(depth);
        }
    }

    #[inline(never)]
    fn count_last(&self, depth: u32) {
        let mut polls = self.polls;
        state::with(|local| {
            polls::polled(local, depth, self.began, &mut polls);
            if let Some(frame) = local.frames().borrow_mut().get_mut(depth as usize - 1)
                && frame.id != 0
            {
                frame.more_mut().polls = Some(polls);
            }
        });
    }

    /// The future waits: takes its frame, the `depth`th, from the thread's stack.
    pub(super) fn suspend(&mut self, local: &Local, depth: u32) {
        if self.mode == Mode::Sampled {
            polls::polled(local, depth, self.began, &mut self.polls);
        }
        let frame = local.frames().borrow_mut().pop();
        if let Some(mut frame) = frame {
            scope::hide(&mut frame);
            if let Some(hub) = scope::end_fork(local, &mut frame) {
                self.hub = Some(hub);
            }
            trail::look(&local.frames().borrow());
            state::set_mode(frame.before);
            self.frame = Some(frame);
        }
        self.leave(local, false);
    }

    /// Gives the thread back what it was in the middle of.
    pub(super) fn leave(&mut self, local: &Local, ended: bool) {
        match self.outer.take() {
            None => local.cur.set(self.cur),
            Some(outer) => {
                let mut context = local.switch(outer);
                match &self.trace {
                    // A call below its trace, polled elsewhere.
                    Some(trace) => {
                        promotion::hand_in(trace, &mut context.notes);
                        late::add(trace, &mut context.records, if ended { context.cur } else { 0 });
                    }
                    None if !ended => self.own = Some(context),
                    None => {}
                }
            }
        }
        if std::mem::take(&mut self.bound) {
            local.unbind();
        }
    }
}
