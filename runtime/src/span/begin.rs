//! The beginning of a call on this thread.
//!
//! Most calls are plain and below something that is known: for those there is a short way each ([`begin`]). All others go through
//! [`open`], [`child`] and [`push`].

use super::call::Exit;
use super::clock::Instant;
use super::frame::{Frame, grow};
use super::hubs::{NO_HUB, check_hub, other_hub};
use super::root::{self, Asked, Root, Way};
use super::state::{self, HubSwitchGuardDebug, Local, Mode, Wanted};
use super::trace::MAX_SPANS;
use super::{promotion, scope};
use crate::CallSite;
use crate::site::Kind;

#[inline(never)]
pub(super) fn begin(site: &'static CallSite) -> u32 {
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
        match mode {
            Mode::Idle => local.hub.set(NO_HUB),
            Mode::Errors => {}
            _ => return 0,
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
