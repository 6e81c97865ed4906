//! Late promotion: what a trace that is not sampled still tells when something goes wrong in it.
//!
//! Below such a root no spans are recorded. In [`Mode::Noted`](super::state::Mode) each call leaves a note of its times all the
//! same (`notes.rs`), and an event that tells of an error or of a slow call carries them as a context (`tell.rs`). All the rest
//! of the engine knows of it is this: a root chooses the mode, calls ask [`began`] and say [`ended`], and whoever runs below the
//! root on another thread hands its notes in.

mod notes;
mod tell;

use std::sync::Arc;

use sentry_core::protocol::SpanStatus;

pub(super) use self::notes::Notes;
pub(super) use self::tell::tell;
use super::clock::Instant;
use super::frame::Frame;
use super::state::{Local, Mode};
use super::trace::Trace;

/// The mode below a root that is not sampled.
pub(super) fn mode(wanted: bool) -> Mode {
    if wanted { Mode::Noted } else { Mode::Unsampled }
}

/// A call begins in this mode: when, if that will be asked.
#[inline(always)]
pub(super) fn began(frame: &mut Frame, mode: Mode) {
    if mode == Mode::Noted && frame.start == Instant::ZERO {
        frame.start = Instant::now();
    }
}

/// The call of this frame ends, or has ended; `below` is how many frames of the thread are around it.
#[inline(always)]
pub(super) fn ended(local: &Local, frame: &mut Frame, below: u32, end: Instant, status: SpanStatus) {
    if let Ok(mut notes) = local.notes.try_borrow_mut() {
        notes.take(frame, below.saturating_sub(local.base.get() as u32), end, status);
    }
}

/// Calls below the root were made elsewhere than where it runs.
pub(super) fn hand_in(trace: &Arc<Trace>, notes: &mut Notes) {
    if !notes.is_empty() {
        trace.notes().append(notes);
    }
}
