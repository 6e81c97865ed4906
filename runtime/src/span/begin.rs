//! The beginning of a call on this thread.
//!
//! Most calls are plain and below something that is known: for those there is a short way each ([`begin_plain`]). All others go
//! through [`open`], [`child`] and [`push`].
//!
//! Short ways are short in instructions: what is rare in them is left to a longer one, by a last call that nothing has to be saved
//! for.

use super::call::Exit;
use super::clock::Instant;
use super::frame::{Frame, grow};
use super::hubs::{NO_HUB, check_hub, other_hub, trusts_hub};
use super::root::{self, Asked, Root, Way};
use super::state::{self, Local, Mode, Now, Wanted};
use super::trace::MAX_SPANS;
use super::{promotion, scope, trail};
use crate::CallSite;
use crate::site::Kind;

/// Begins a call of a function; its depth, with its [`Exit`].
#[inline(never)]
pub(super) fn begin(site: &'static CallSite) -> u32 {
    if site.kind().any(Kind::SPECIAL) {
        return begin_special(site);
    }
    begin_plain::<false>(site)
}

/// Begins a call by its short way. If there is none, a function's call takes the long one, and a future's is told 0: it has a long
/// one of its own.
#[inline(always)]
pub(super) fn begin_plain<const ASYNC: bool>(site: &'static CallSite) -> u32 {
    state::now(|now| match now.mode() {
        Mode::Sampled => begin_sampled::<ASYNC>(site),
        Mode::Unsampled => begin_unsampled::<ASYNC>(site, now),
        Mode::Noted => begin_noted::<ASYNC>(site),
        _ => begin_alone::<ASYNC>(site, now),
    })
}

/// What a frame says of being a future's, or a function's.
const fn flags<const ASYNC: bool>() -> u16 {
    if ASYNC { Frame::ASYNC } else { 0 }
}

/// A plain call below no root. Apart, so that those below one have less to save and restore.
#[inline(never)]
fn begin_alone<const ASYNC: bool>(site: &'static CallSite, now: &Now) -> u32 {
    if matches!(now.mode(), Mode::Idle | Mode::Errors)
        && is_frame(site.kind())
        && let Some(depth) = begin_errors::<ASYNC>(site, now)
    {
        return depth;
    }
    begin_long::<ASYNC>(site)
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
    local.settle();
    kind.has(Kind::SPAN) && state::wanted() == Wanted::Traces && (local.hub.get() == NO_HUB || check_hub(local))
}

#[inline(never)]
fn begin_sampled<const ASYNC: bool>(site: &'static CallSite) -> u32 {
    let depth = state::with(|local| {
        if other_hub(local) {
            return None;
        }
        let mut frame = Frame::of(site, Mode::Sampled, flags::<ASYNC>());
        let mut tag = 0;
        if site.kind().has(Kind::SPAN) {
            span(local, &mut frame);
            tag = if frame.id == 0 { 0 } else { Exit::Span as u32 };
        }
        Some(put(local, frame) | tag)
    });
    depth.flatten().unwrap_or_else(|| begin_long::<ASYNC>(site))
}

#[inline(never)]
fn begin_unsampled<const ASYNC: bool>(site: &'static CallSite, now: &Now) -> u32 {
    if state::with(|local| trusts_hub(local) || !check_hub(local)) == Some(true)
        && let Some(depth) = now.trail().push(site, Mode::Unsampled, flags::<ASYNC>())
    {
        return depth | Exit::Step as u32;
    }
    begin_long::<ASYNC>(site)
}

#[inline(never)]
fn begin_noted<const ASYNC: bool>(site: &'static CallSite) -> u32 {
    let depth = state::with(|local| {
        if other_hub(local) {
            return None;
        }
        let mut frame = Frame::of(site, Mode::Noted, flags::<ASYNC>());
        promotion::began(&mut frame, Mode::Noted);
        Some(put(local, frame) | Exit::Noted as u32)
    });
    depth.flatten().unwrap_or_else(|| begin_long::<ASYNC>(site))
}

#[inline(always)]
fn begin_errors<const ASYNC: bool>(site: &'static CallSite, now: &Now) -> Option<u32> {
    let mode = now.mode();
    let mut flags = flags::<ASYNC>();
    if ASYNC && mode == Mode::Idle {
        if state::with(scope::knows_home) != Some(true) {
            return None;
        }
        flags |= Frame::FORKS;
    }
    let depth = now.trail().push(site, mode, flags)?;
    now.set_mode(Mode::Errors);
    Some(depth | Exit::Step as u32)
}

/// There is no short way.
#[cold]
#[inline(never)]
fn begin_long<const ASYNC: bool>(site: &'static CallSite) -> u32 {
    if ASYNC { 0 } else { begin_special(site) }
}

/// A call that is more than a frame below the innermost span.
#[inline(never)]
fn begin_special(site: &'static CallSite) -> u32 {
    if state::idles() {
        return 0;
    }
    state::with(|local| Exit::Long.from(begin_specially(local, site, state::mode()))).unwrap_or(0)
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

/// Enters a call below the innermost span of this thread.
pub(super) fn child(local: &Local, mut frame: Frame, mode: Mode, kind: Kind) -> u32 {
    if mode == Mode::Sampled && kind.has(Kind::SPAN) {
        span(local, &mut frame);
        if kind.has(Kind::SCOPE) {
            scope::show(local, &mut frame);
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
        Way::Root(root) => {
            let root = frame.more.get_or_insert_with(|| local.room_for_more()).root.insert(root);
            if asked.isolated
                && let Some(hub) = &root.hub
            {
                local.bind(hub.clone());
                root.bound = true;
            }
            let (mode, id, start) = (root.context.mode, root.context.cur, root.context.begun_at());
            local.exchange(&mut root.context);
            if mode == Mode::Sampled {
                (frame.id, frame.start) = (id, start);
            }
            frame.flags |= Frame::ROOT;
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
    local.settle();
    let depth = put(local, frame);
    if let Ok(frames) = local.frames().try_borrow() {
        trail::look(&frames);
    }
    state::set_mode(mode);
    depth
}

/// Puts a frame on the thread's stack, on which there are no steps; tells how many are there with it.
#[inline(always)]
pub(super) fn put(local: &Local, frame: Frame) -> u32 {
    // Borrowed only while nothing of the program runs.
    let Ok(mut frames) = local.unsettled_frames().try_borrow_mut() else { return 0 };
    if frames.len() == frames.capacity() {
        grow(&mut frames);
    }
    frames.push(frame);
    frames.len() as u32
}
