//! What becomes of an error on its way out of an annotated call.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use sentry_core::Breadcrumb;
use sentry_core::protocol::{Map, SpanStatus, Value};
use sentry_core::types::Uuid;

use super::chain::Chain;
use super::classify::{Policy, Retry};
use super::crumbs;
use super::here::{self, caught, isolated};
use super::once::{Extent, Mark, OpenCalls, Seen};
use super::report::Report;
use super::told::{Heard, Told};
use super::values::{Values, Words};
use crate::CallSite;
use crate::site::Kind;

/// What has become of an error on its way out of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    /// The status of the call's span.
    pub status: SpanStatus,
    /// The event that was sent for the error, now or further in.
    pub event: Option<Uuid>,
    /// The error is no failure: the span is not failed by it either.
    pub expected: bool,
    /// Whether a task may try again.
    pub retry: Option<Retry>,
}

impl Verdict {
    fn by(policy: &Policy) -> Self {
        Self {
            status: policy.span_status().unwrap_or(SpanStatus::InternalError),
            event: None,
            expected: policy.expected,
            retry: policy.retry,
        }
    }
}

/// An annotated call is about to end with an error: reports it, if this is the place and nobody has.
///
/// The engine calls this while the call is still open, with annotated functions switched off and nothing borrowed: the user's
/// code runs inside (`Display`, `late`, hooks of the client). `late` has the attribute's own words and is asked at most once.
pub(crate) fn observe(
    site: &'static CallSite,
    told: &Told<'_>,
    late: Option<&mut dyn FnMut(&mut Words)>,
    calls: &dyn OpenCalls,
) -> Verdict {
    let asked = caught(|| {
        let policy = told.policy().unwrap_or_default();
        let mut words = Words::default();
        if let Some(late) = late {
            late(&mut words);
        }
        (policy, words)
    });
    // An error that panics when it is asked about itself is still one.
    let (policy, mut words) = asked.unwrap_or_default();
    let mut verdict = Verdict::by(&policy);
    let ignored = words.ignore || policy.ignore || policy.expected;
    // The cheapest end of an error that nobody wants: there is nobody else to ask.
    if ignored && calls.is_lone() {
        return verdict;
    }
    let reports = site.kind().has(Kind::ERRORS) || site.kind().has(Kind::TASK);
    let around = Around::of(calls);
    // The usual end of such an error: nothing about it is written, and nobody will ask.
    let is_wanted = if ignored { around.listens } else { reports };
    if !around.is_marked && !is_wanted {
        around.leave(None, calls);
        return verdict;
    }
    let heard = told.heard();
    let Some(seen) = isolated(|| Seen::of(&heard)) else { return verdict };
    let known = around.is_marked.then(|| find(calls, 0, &seen)).flatten();
    let is_known = known.is_some();
    let mark = match known {
        Some(mark) => Some(Mark { seen, since: None, ..mark }),
        None if ignored => Some(Mark { seen, event: None, captured: false, since: None }),
        None if reports => {
            let mut report = Report::of(&heard, &policy);
            report.category = words.category.or(site.category().map(Cow::Borrowed)).or(report.category);
            report.level = site.level().or(report.level);
            report.fingerprint = words.fingerprint.or(report.fingerprint);
            report.values = calls.take_values();
            if let Some(late) = words.values.take() {
                report.values.absorb(*late);
            }
            let sent = report.send(calls);
            Some(Mark { seen, event: sent.event, captured: sent.captured, since: None })
        }
        None => None,
    };
    verdict.event = mark.as_ref().and_then(|mark| mark.event);
    if !ignored || is_known {
        around.tell(site, &heard, &policy, words.values.map(|values| *values).unwrap_or_default(), calls);
    }
    around.leave(mark, calls);
    verdict
}

/// An annotated call that is about to end took longer than it should: a breadcrumb for the events to come.
pub(crate) fn leave_slow(name: &str, took: Duration) {
    here::with_calls(|calls| {
        Around::of(calls).drop_crumb(crumbs::slow(name, took), calls);
    });
}

/// What became of the error inside the call at this depth.
pub(super) fn find(calls: &dyn OpenCalls, depth: usize, seen: &Seen) -> Option<Mark> {
    let (mut at, mut found) = (0, None);
    calls.each(&mut |call| {
        if at == depth {
            found = call.marks.and_then(|marks| marks.find(seen).cloned().or_else(|| marks.find_logged(seen)));
        }
        at += 1;
        at <= depth
    });
    found
}

/// The calls around the one that is ending.
#[derive(Debug, Default)]
struct Around {
    /// Something inside the call was dealt with.
    is_marked: bool,
    /// What is right around it, and whether something is known there.
    parent: Option<(Extent, bool)>,
    /// Someone around it will ask about its error.
    listens: bool,
    /// The depth of the outermost extent but the thread.
    outermost: usize,
}

impl Around {
    fn of(calls: &dyn OpenCalls) -> Self {
        let (mut around, mut depth) = (Self::default(), 0);
        calls.each(&mut |call| {
            let is_marked = call.marks.is_some_and(|marks| !marks.is_empty());
            match (depth, call.extent) {
                (0, _) => around.is_marked = is_marked,
                (_, Extent::Call(site)) => {
                    around.listens |= site.kind().has(Kind::ERRORS) || site.kind().has(Kind::TASK);
                }
                (_, Extent::Span | Extent::Beyond) => around.listens = true,
                (_, Extent::Thread) => {}
            }
            if depth == 1 {
                around.parent = Some((call.extent, is_marked));
            }
            if !matches!(call.extent, Extent::Beyond | Extent::Thread) {
                around.outermost = depth;
            }
            depth += 1;
            true
        });
        around
    }

    /// Hands the mark to the call around.
    fn leave(&self, mark: Option<Mark>, calls: &dyn OpenCalls) {
        match (self.parent, mark) {
            (Some((extent, _)), Some(mut mark)) => {
                mark.since = matches!(extent, Extent::Thread).then(Instant::now);
                let mut mark = Some(mark);
                calls.marks(1, &mut |marks| {
                    if let Some(mark) = mark.take() {
                        marks.inner_call_left(mark);
                    }
                });
            }
            (Some((_, true)), None) => calls.marks(1, &mut |marks| marks.inner_call_went_well()),
            _ => {}
        }
    }

    /// Leaves a breadcrumb of the failed call, for the events to come below the same root; `late` is what the attribute had
    /// to say too late for the error's own event.
    fn tell(&self, site: &'static CallSite, told: &Heard<'_>, policy: &Policy, late: Values, calls: &dyn OpenCalls) {
        if self.outermost == 0 {
            return;
        }
        let Some(title) = isolated(|| Chain::of(told, policy.variant).title()) else { return };
        let mut data: Map<String, Value> =
            late.tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        data.extend(late.fields.into_iter().map(|(key, value)| (key.into(), value)));
        for (name, fields) in late.contexts {
            let fields = fields.into_parts().0.into_iter().collect();
            data.insert(name, Value::Object(fields));
        }
        self.drop_crumb(crumbs::failed(site, &title, data), calls);
    }

    /// Breadcrumbs are kept by the root, where there is one around the call itself.
    fn drop_crumb(&self, crumb: Breadcrumb, calls: &dyn OpenCalls) {
        if self.outermost == 0 {
            return;
        }
        let mut crumb = Some(crumb);
        calls.marks(self.outermost, &mut |marks| {
            if let Some(crumb) = crumb.take() {
                marks.push_crumb(crumb);
            }
        });
    }
}
