//! An annotated call under way.

use std::borrow::Cow;

use sentry_core::protocol::SpanStatus;

use super::clock::Instant;
use super::polls::Polls;
use super::root::Root;
use super::state::Mode;
use super::trail;
use crate::CallSite;
use crate::capture::once::Marks;
use crate::capture::values::Values;
use crate::site::Kind;
use crate::task::Run;

/// One annotated call under way. It stands on the thread's stack while code of the call runs; between polls the future
/// keeps it.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(super) site: &'static CallSite,
    /// What few calls have.
    pub(super) more: Option<Box<More>>,
    /// The span's id; 0 if the call records none.
    pub(super) id: u64,
    /// The span that was innermost when the call began.
    pub(super) parent: u64,
    /// When the call began; only told for spans and for calls whose duration someone wants.
    pub(super) start: Instant,
    /// The thread's mode before the call.
    pub(super) before: Mode,
    pub(super) flags: u16,
    /// A status that the program set itself.
    pub(super) status: Option<SpanStatus>,
}

const _: () = assert!(size_of::<Frame>() <= 64, "an open span is at most one cache line");

/// The rare parts of a call, in one box.
#[derive(Debug, Default)]
pub(crate) struct More {
    pub(super) values: Values,
    pub(super) marks: Marks,
    pub(super) root: Option<Root>,
    /// Name and operation of a span that was built at run time.
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) op: Option<Cow<'static, str>>,
    /// The scope's span before this one was shown on it.
    pub(super) shown: Option<Option<sentry_core::TransactionOrSpan>>,
    /// The hub of the call above, where this one is below another.
    pub(super) hub: Option<usize>,
    /// How a future was polled.
    pub(super) polls: Option<Polls>,
    /// The run of a task.
    pub(super) run: Option<Box<Run>>,
}

impl Frame {
    /// The thread was unwinding when the call began: that it is at the end says nothing.
    pub(super) const PANICKING: u16 = 1;
    /// The duration is wanted: `slow` or `metric`.
    pub(super) const TIMED: u16 = 1 << 1;
    /// A root: [`More::root`] is there.
    pub(super) const ROOT: u16 = 1 << 2;
    /// It was slow.
    pub(super) const SLOW: u16 = 1 << 3;
    /// The scope's span was changed for it.
    pub(super) const SCOPED: u16 = 1 << 4;
    /// A future's.
    pub(super) const ASYNC: u16 = 1 << 5;
    /// A task's: [`More::run`] may be there.
    pub(super) const TASK: u16 = 1 << 6;
    /// [`More::marks`] may say something.
    pub(super) const MARKED: u16 = 1 << 7;
    /// A future's that has no scope of its own yet: it is forked at the first write.
    pub(super) const FORKS: u16 = 1 << 8;
    /// A scope was forked for it during this poll.
    pub(super) const FORKED: u16 = 1 << 9;

    /// A call that records no span.
    #[inline]
    pub(super) fn new(site: &'static CallSite, before: Mode) -> Self {
        Self::of(site, before, if site.kind().has(Kind::TASK) { Self::TASK } else { 0 })
    }

    /// The same of a call of which it is known what it is.
    #[inline(always)]
    pub(super) fn of(site: &'static CallSite, before: Mode, flags: u16) -> Self {
        let panicking = if std::thread::panicking() { Self::PANICKING } else { 0 };
        Self::plain(site, before, flags | panicking)
    }

    /// The same where it is also known that nothing unwinds.
    #[inline(always)]
    pub(super) fn plain(site: &'static CallSite, before: Mode, flags: u16) -> Self {
        Self { site, more: None, id: 0, parent: 0, start: Instant::ZERO, before, flags, status: None }
    }

    #[inline]
    pub(super) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    pub(super) fn more_mut(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// What is known of the errors inside the call, to be changed.
    pub(super) fn marks_mut(&mut self) -> &mut Marks {
        self.flags |= Self::MARKED;
        trail::bar();
        &mut self.more_mut().marks
    }

    /// The span's name.
    pub(super) fn name(&self) -> &str {
        self.more.as_deref().and_then(|more| more.name.as_deref()).unwrap_or(self.site.name())
    }

    /// The span's operation.
    pub(super) fn op(&self) -> &str {
        self.more.as_deref().and_then(|more| more.op.as_deref()).unwrap_or(self.site.op())
    }
}

impl More {
    /// Whether it is as when it was made.
    pub(super) fn is_empty(&self) -> bool {
        !self.tells()
            && self.values.is_empty()
            && self.marks.is_empty()
            && self.root.is_none()
            && self.shown.is_none()
            && self.hub.is_none()
            && self.run.is_none()
    }

    /// Whether there is anything that a span shows.
    pub(super) fn tells(&self) -> bool {
        !self.values.fields.is_empty() || self.name.is_some() || self.op.is_some() || self.polls.is_some()
    }
}

/// Makes room apart, so that the calls that find some pay nothing for it.
#[cold]
#[inline(never)]
pub(super) fn grow<T>(buffer: &mut Vec<T>) {
    buffer.reserve(64);
}
