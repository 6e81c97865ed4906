//! What sentry sees of a root: a transaction, or a span below somebody else's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sentry_core::protocol::TraceId;
use sentry_core::{Hub, TracePropagationContext, TransactionContext, TransactionOrSpan};

use super::clock::Anchor;
use super::frame::Frame;
use super::root::Asked;
use super::state::{self, Local};
use super::trace::{Trace, span_id};
use crate::TraceParent;

/// How a root stands to what was there before.
pub(super) enum Beginning {
    Nothing,
    /// The hub is another, but the span on its scope is our own root.
    Same,
    /// Below somebody else's span that is not sampled.
    Unsampled,
    /// Begun, and the scope's span before.
    Begun(Begun, Option<TransactionOrSpan>),
}

/// A root that sentry knows of.
pub(super) struct Begun {
    pub(super) anchor: TransactionOrSpan,
    pub(super) id: u64,
    pub(super) trace_id: TraceId,
    pub(super) sampled: bool,
    pub(super) clock: Anchor,
}

/// Starts what sentry will see of the root.
pub(super) fn begin(
    local: &Local,
    asked: &Asked<'_>,
    hub: &Hub,
    above: Option<(&Arc<Trace>, bool)>,
    previous: Option<TransactionOrSpan>,
) -> Beginning {
    let is_main = state::is_main_hub(hub);
    let id = if is_main { marked(local.next_id()) } else { local.next_id() };
    let previous = previous.filter(|previous| is_main || !is_inherited(previous));
    let is_above = |above: &Trace| previous.as_ref().is_some_and(|previous| is_ours(local, above, previous));
    // On a hub that knows nothing of it, the span of the thread is not above.
    let above = above.filter(|(above, same_hub)| *same_hub || is_above(above)).map(|(above, _)| above);
    if !asked.own {
        if above.is_some_and(|above| is_above(above)) {
            return Beginning::Same;
        }
        if let Some(previous) = previous {
            if !is_sampled(&previous) {
                return Beginning::Unsampled;
            }
            let trace_id = previous.get_trace_context().trace_id;
            let clock = Anchor::now();
            let now = clock.moment().0;
            let start = now.checked_sub(asked.ago).unwrap_or(now);
            let span = previous.start_child_with_details(asked.op, asked.name, span_id(id), start);
            let begun = Begun { anchor: span.into(), id, trace_id, sampled: true, clock };
            return Beginning::Begun(begun, Some(previous));
        }
        if asked.child {
            return Beginning::Nothing;
        }
    }
    let parent = asked.parent.or_else(|| match (above, &previous) {
        // Somebody may have opened a span below ours.
        (Some(above), Some(previous)) if !is_above(above) => Some(parent_of(previous)),
        (Some(above), _) => Some(above.parent(local.cur.get())),
        (None, Some(previous)) => Some(parent_of(previous)),
        (None, None) => None,
    });
    let context = match (asked.parent, parent) {
        // Only what comes from outside is checked against the organisation's id.
        (Some(parent), _) => {
            let mut remote = TracePropagationContext::new(parent.trace_id, parent.span_id);
            if let Some(sampled) = parent.sampled {
                remote = remote.with_sampled(sampled);
            }
            TransactionContext::continue_from_trace_propagation_context(
                asked.name,
                asked.op,
                &remote,
                Some(span_id(id)),
            )
        }
        (None, Some(parent)) => {
            let mut context = TransactionContext::new_with_details(
                asked.name,
                asked.op,
                parent.trace_id,
                Some(span_id(id)),
                Some(parent.span_id),
            );
            context.set_sampled(parent.sampled);
            context
        }
        (None, None) => {
            TransactionContext::new_with_details(asked.name, asked.op, local.next_trace_id(), Some(span_id(id)), None)
        }
    };
    let trace_id = context.trace_id();
    // The sampler is the program's.
    let started = catch_unwind(AssertUnwindSafe(|| hub.start_transaction(context)));
    let Ok(transaction) = started else {
        state::count_failure();
        return Beginning::Nothing;
    };
    // A trace of another organisation is not continued.
    let trace_id = if asked.parent.is_some() { transaction.get_trace_context().trace_id } else { trace_id };
    let anchor = TransactionOrSpan::from(transaction);
    let sampled = is_sampled(&anchor);
    // Read after the transaction began: what ends later is never told to have ended before.
    let clock = if sampled { Anchor::now() } else { Anchor::NEVER };
    Beginning::Begun(Begun { anchor, id, trace_id, sampled, clock }, previous)
}

/// An id by which the roots on the main thread's hub are known again.
///
/// The hub of each new thread is made of that one, whatever its scope has at that moment. A root of ours that happened to be open
/// would stay on the thread's hub for good, above all that the thread does, also when it has long ended.
fn marked(id: u64) -> u64 {
    let mark = (id >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    id >> 32 << 32 | mark
}

/// Whether the scope's span is a root of the main thread's hub: on another hub it was inherited, and what is spawned begins on its own.
fn is_inherited(span: &TransactionOrSpan) -> bool {
    let id = match span {
        TransactionOrSpan::Transaction(transaction) => transaction.get_trace_context().span_id,
        TransactionOrSpan::Span(span) => span.get_span_id(),
    };
    u64::from_str_radix(&id.to_string(), 16).is_ok_and(|id| id == marked(id))
}

/// Whether the scope's span is that of this trace of ours, or one that an open call of it shows there.
pub(super) fn is_ours(local: &Local, trace: &Trace, span: &TransactionOrSpan) -> bool {
    trace.anchor == *span || is_shown(local, span)
}

/// Whether the scope's span is one that an open call of ours shows there.
fn is_shown(local: &Local, span: &TransactionOrSpan) -> bool {
    let TransactionOrSpan::Span(span) = span else { return false };
    let shown = local.shown.get();
    let frames = local.frames().borrow();
    if shown == 0 && !frames.iter().any(|frame| frame.has(Frame::SCOPED)) {
        return false;
    }
    let id = span.get_span_id();
    span_id(shown) == id || frames.iter().any(|frame| frame.has(Frame::SCOPED) && span_id(frame.id) == id)
}

/// Whether the span is recorded. Tracing that is off counts as "no", which is right here.
fn is_sampled(span: &TransactionOrSpan) -> bool {
    #[expect(deprecated, reason = "nothing else tells the decision")]
    span.is_sampled()
}

/// What continues a span of somebody else's.
pub(super) fn parent_of(span: &TransactionOrSpan) -> TraceParent {
    let (trace_id, span_id) = match span {
        TransactionOrSpan::Transaction(transaction) => {
            let context = transaction.get_trace_context();
            (context.trace_id, context.span_id)
        }
        TransactionOrSpan::Span(span) => (span.get_trace_context().trace_id, span.get_span_id()),
    };
    // Also "no" where tracing is off and the decision is left open; the header itself tells the three apart.
    let sampled = span.iter_headers().next().and_then(|(_, header)| match header.rsplit('-').next() {
        Some("1") => Some(true),
        Some("0") => Some(false),
        _ => None,
    });
    TraceParent { trace_id, span_id, sampled }
}
