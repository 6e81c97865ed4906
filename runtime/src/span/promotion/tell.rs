//! Notes as the context of an event.

use std::cmp::Reverse;
use std::time::{Duration, SystemTime};

use sentry_core::protocol::{Context, Event, Map, SpanStatus, Value};
use serde_json::json;

use super::super::clock::{Instant, between};
use super::super::frame::{Frame, More};
use super::super::handover::names;
use super::super::state;
use super::super::timed::SLOW_OPERATION;
use super::super::trace::Trace;
use super::notes::{KEPT, Note, Notes};
use crate::context::millis;
use crate::{CallSite, ToValue as _};

/// The name of the context.
const TIMINGS: &str = "timings";

/// How many open calls are told from the root on, and how many from the innermost one: a recursion may be any depth.
const OUTERMOST: usize = 8;
const INNERMOST: usize = 24;

/// How many characters of a name are told.
const LONGEST_NAME: usize = 200;

/// The outcome of a call that had not ended.
const OPEN: &str = "open";

/// Puts the times of the calls below this thread's root on an event that tells of an error or of a slow call, if notes of them
/// were kept.
pub(in crate::span) fn tell(event: &mut Event<'static>) {
    let is_about_a_call = !event.exception.is_empty() || event.contexts.contains_key(SLOW_OPERATION);
    if !is_about_a_call || event.contexts.contains_key(TIMINGS) {
        return;
    }
    let timings = state::with(|local| {
        let (frames, here) = (local.frames().try_borrow().ok()?, local.notes.try_borrow().ok()?);
        if !here.is_kept() {
            return None;
        }
        let trace = local.trace();
        let elsewhere = trace.as_deref().map(Trace::notes);
        let notes: Vec<&Notes> = [Some(&*here), elsewhere.as_deref()].into_iter().flatten().collect();
        write(&frames[local.base.get().min(frames.len())..], &notes)
    });
    if let Some(timings) = timings.flatten() {
        event.contexts.insert(TIMINGS.to_owned(), Context::Other(timings));
    }
}

/// One call, open or ended.
struct Call<'a> {
    site: &'static CallSite,
    more: Option<&'a More>,
    level: usize,
    start: Instant,
    /// None as long as it is open.
    ended: Option<(Instant, SpanStatus)>,
}

/// What the context says; nothing where no call is open.
fn write(open: &[Frame], notes: &[&Notes]) -> Option<Map<String, Value>> {
    let now = Instant::now();
    let is_told = |level: usize| level < OUTERMOST || level + INNERMOST >= open.len();
    let told = open.iter().enumerate().filter(|(level, frame)| is_told(*level) && frame.start != Instant::ZERO);
    let mut calls: Vec<Call<'_>> = told
        .map(|(level, frame)| Call {
            site: frame.site,
            more: frame.more.as_deref(),
            level,
            start: frame.start,
            ended: None,
        })
        .collect();
    let left_out = open.len().saturating_sub(OUTERMOST + INNERMOST) as u64;
    let mut ended: Vec<Call<'_>> = notes.iter().flat_map(|notes| notes.iter()).map(Call::of).collect();
    // Of several parts of a root the last to end are told, as of one.
    ended.sort_by_key(|call| Reverse(call.ended.map(|(end, _)| end)));
    let forgotten = ended.len().saturating_sub(KEPT) as u64 + notes.iter().map(|notes| notes.forgotten()).sum::<u64>();
    ended.truncate(KEPT);
    calls.append(&mut ended);
    calls.sort_by_key(|call| (call.start, call.level));
    let start = calls.first()?.start;
    let mut timings = Map::new();
    timings.insert("started".to_owned(), (SystemTime::now() - between(start, now)).to_value());
    if left_out + forgotten > 0 {
        timings.insert("not_shown".to_owned(), (left_out + forgotten).into());
    }
    timings.insert("calls".to_owned(), calls.iter().map(|call| call.write(start, now)).collect());
    Some(timings)
}

impl<'a> Call<'a> {
    fn of(note: &'a Note) -> Self {
        Self {
            site: note.site,
            more: note.more.as_deref(),
            level: note.level as usize,
            start: note.start,
            ended: Some((note.end, note.status)),
        }
    }

    fn write(&self, start: Instant, now: Instant) -> Value {
        let (name, op) = names(self.site, self.more);
        let (end, outcome) = match self.ended {
            Some((end, status)) => (end, status.to_string()),
            None => (now, OPEN.to_owned()),
        };
        json!({
            "name": beginning(name),
            "op": op,
            "level": self.level,
            "start_ms": rounded(between(start, self.start)),
            "duration_ms": rounded(between(self.start, end)),
            "outcome": outcome,
        })
    }
}

/// As much of a name as a span's description is good for; one that was built at run time may have any length.
fn beginning(name: &str) -> &str {
    name.char_indices().nth(LONGEST_NAME).map_or(name, |(end, _)| &name[..end])
}

/// Milliseconds, to the microsecond: more digits would only be longer.
fn rounded(duration: Duration) -> f64 {
    (millis(duration) * 1000.0).round() / 1000.0
}
