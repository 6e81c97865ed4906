//! Calls of which nothing is known but that they are open.
//!
//! With errors alone, or below a root that is not sampled, a call is only there to be found when something goes wrong inside of it,
//! and most end before anybody looks. Such a call is a step: its site and the mode before it, in a few places of the thread's that
//! nothing has to be borrowed, grown or dropped for. Steps are the innermost calls of their thread. Whoever looks at the thread's
//! frames first makes frames of them ([`settle`]), by [`Local::frames`].

use std::cell::Cell;

use super::frame::Frame;
use super::hubs::NO_HUB;
use super::state::{self, Local, Mode};
use crate::CallSite;
use crate::site::Kind;

/// One open call that is no frame yet. Whether the thread was unwinding when it began is not told: it has no outcome of its own.
#[derive(Debug, Clone, Copy)]
struct Step {
    site: &'static CallSite,
    /// The thread's mode before the call.
    before: Mode,
    /// The flags of its frame.
    flags: u16,
}

/// How many steps a thread has before they are made frames.
const MOST: u32 = 32;

/// The steps of a thread.
#[derive(Debug)]
pub(super) struct Trail {
    /// How many are open.
    len: Cell<u32>,
    /// How many may be: none where the innermost frame wants to be told of the calls inside of it.
    room: Cell<u32>,
    /// How many frames are below them. Only kept true in the modes in which there are steps, and when none is open.
    below: Cell<u32>,
    steps: [Cell<Step>; MOST as usize],
}

static NOWHERE: CallSite = CallSite::new(Kind::SPAN, "", "", "", "", 0);

impl Trail {
    pub(super) const fn new() -> Self {
        Self {
            len: Cell::new(0),
            room: Cell::new(MOST),
            below: Cell::new(0),
            steps: [const { Cell::new(Step { site: &NOWHERE, before: Mode::Idle, flags: 0 }) }; MOST as usize],
        }
    }

    /// A step more; the depth of its call, or none where there is no room.
    #[inline(always)]
    pub(super) fn push(&self, site: &'static CallSite, before: Mode, flags: u16) -> Option<u32> {
        let len = self.len.get();
        if len >= self.room.get() {
            return None;
        }
        self.steps.get(len as usize)?.set(Step { site, before, flags });
        self.len.set(len + 1);
        Some(self.below.get() + len + 1)
    }

    /// The innermost step ends, if it is the call of this depth; the mode before it.
    #[inline(always)]
    pub(super) fn pop(&self, depth: u32) -> Option<Mode> {
        let last = self.len.get().checked_sub(1)?;
        if self.below.get() + last + 1 != depth {
            return None;
        }
        let before = self.steps.get(last as usize)?.get().before;
        self.len.set(last);
        Some(before)
    }

    /// What is called by the innermost step, if it is the call of this depth.
    #[inline(always)]
    pub(super) fn site(&self, depth: u32) -> Option<&'static CallSite> {
        let last = self.len.get().checked_sub(1)?;
        (self.below.get() + last + 1 == depth).then_some(self.steps.get(last as usize)?.get().site)
    }

    /// Whether a step is the only call of this thread.
    #[inline(always)]
    pub(super) fn is_lone(&self) -> bool {
        self.len.get() == 1 && self.below.get() == 0
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.len.get() == 0
    }
}

/// Makes frames of the steps.
#[cold]
#[inline(never)]
pub(super) fn settle(local: &Local) {
    state::with_trail(|trail| {
        let Ok(mut frames) = local.unsettled_frames().try_borrow_mut() else { return };
        // Nothing may be open twice: what making room may call back into adds steps, and has ended when it is over.
        frames.reserve(trail.len.get() as usize);
        for step in trail.steps.iter().take(trail.len.replace(0) as usize) {
            let Step { site, before, flags } = step.get();
            if before == Mode::Idle {
                // Nobody has asked yet whether spans are wanted below.
                local.hub.set(NO_HUB);
            }
            frames.push(Frame::plain(site, before, flags));
        }
        look(&frames);
    });
}

/// The thread's frames have changed: what the next step has to know of them.
#[inline]
pub(super) fn look(frames: &[Frame]) {
    state::with_trail(|trail| {
        trail.below.set(frames.len() as u32);
        trail.room.set(if frames.last().is_some_and(|last| last.has(Frame::MARKED)) { 0 } else { MOST });
    });
}

/// A frame of this thread wants to be told of the calls inside of it: until the frames are looked at again, none is a step.
pub(super) fn bar() {
    state::with_trail(|trail| trail.room.set(0));
}

#[cfg(test)]
mod tests {
    use super::*;

    static SITE: CallSite = CallSite::new(Kind::SPAN, "call", "", "", "", 0);

    fn push(trail: &Trail) -> Option<u32> {
        trail.push(&SITE, Mode::Errors, 0)
    }

    #[test]
    fn a_step_ends_by_its_own_depth_alone() {
        let trail = Trail::new();
        trail.below.set(3);
        assert_eq!((push(&trail), push(&trail)), (Some(4), Some(5)));
        assert_eq!(trail.pop(4), None, "another is open inside of it");
        assert_eq!((trail.pop(5), trail.pop(4)), (Some(Mode::Errors), Some(Mode::Errors)));
        assert_eq!((trail.pop(4), trail.is_empty()), (None, true));
    }

    #[test]
    fn a_step_is_found_by_its_depth_and_alone_where_no_call_is_around_it() {
        let trail = Trail::new();
        assert!(trail.site(1).is_none() && !trail.is_lone());
        push(&trail);
        assert!(trail.site(1).is_some_and(|site| std::ptr::eq(site, &SITE)) && trail.is_lone());
        push(&trail);
        assert!(trail.site(1).is_none() && trail.site(2).is_some() && !trail.is_lone());
        let below = Trail::new();
        below.below.set(1);
        push(&below);
        assert!(below.site(2).is_some() && !below.is_lone());
    }

    #[test]
    fn what_is_too_much_is_no_step() {
        let trail = Trail::new();
        assert_eq!((0..MOST).filter_map(|_| push(&trail)).last(), Some(MOST));
        assert_eq!(push(&trail), None);
        trail.pop(MOST);
        assert_eq!(push(&trail), Some(MOST));
    }

    #[test]
    fn steps_become_frames_when_somebody_looks() {
        std::thread::spawn(|| {
            let depths = state::with_trail(|trail| [push(trail), push(trail)]);
            let frames = state::with(|local| local.frames().borrow().iter().map(|frame| frame.before).collect());
            assert_eq!((depths, frames), ([Some(1), Some(2)], Some(vec![Mode::Errors; 2])));
            assert_eq!(state::with_trail(|trail| trail.pop(2)), None, "it is a frame now");
            assert_eq!(state::with_trail(push), Some(3), "on top of them");
        })
        .join()
        .expect("the thread ends well");
    }

    #[test]
    fn below_a_frame_that_is_told_of_its_calls_there_are_no_steps() {
        std::thread::spawn(|| {
            state::with(|local| {
                assert_eq!(state::with_trail(push), Some(1));
                local.frames().borrow_mut()[0].marks_mut();
                assert_eq!(state::with_trail(push), None);
                let frames = local.frames().borrow();
                look(&frames);
                assert_eq!(state::with_trail(push), None);
                look(&[]);
                assert_eq!(state::with_trail(push), Some(1));
            });
        })
        .join()
        .expect("the thread ends well");
    }
}
