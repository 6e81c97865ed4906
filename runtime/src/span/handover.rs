//! From records to sentry's transaction, when a root ends.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sentry_core::protocol::{SpanStatus, Value};
use sentry_core::{Hub, Span, TransactionContext, TransactionOrSpan};

use super::clock::Anchor;
use super::frame::More;
use super::record::Record;
use super::root::{ORIGIN, SOURCE_CUSTOM, SOURCE_KEY};
use super::trace::{Trace, sort, span_id};
use crate::CallSite;

/// Finishes the root with everything below it.
pub(super) fn finish(trace: &Trace, mut top: Record, records: Vec<Record>) {
    let clock = Anchor::now();
    let anchor = &trace.anchor;
    describe(anchor, &mut top);
    replay(anchor, trace.root, records, &clock);
    anchor.clone().finish_with_timestamp(clock.wall(top.end).max(clock.wall(top.start)));
}

/// Sends a span that outlived its root as a transaction of its own.
pub(super) fn finish_late(hub: &Arc<Hub>, trace: &Trace, mut top: Record, records: Vec<Record>) {
    let clock = Anchor::now();
    let (name, op) = names(top.site, top.more.as_deref());
    let mut context = TransactionContext::new_with_details(
        name,
        op,
        trace.trace_id,
        Some(span_id(top.id)),
        Some(span_id(top.parent)),
    );
    context.set_sampled(true);
    let start = clock.wall(top.start);
    // `Hub::start_transaction_with_timestamp` asks the global hub: `hub` is bound.
    let transaction = hub.start_transaction_with_timestamp(context, start);
    transaction.set_origin(ORIGIN);
    transaction.set_data(SOURCE_KEY, SOURCE_CUSTOM.into());
    let anchor = TransactionOrSpan::from(transaction);
    describe(&anchor, &mut top);
    replay(&anchor, top.id, records, &clock);
    anchor.finish_with_timestamp(clock.wall(top.end).max(start));
}

/// What a root says of itself.
fn describe(anchor: &TransactionOrSpan, top: &mut Record) {
    anchor.set_status(top.status);
    let polls = top.polls();
    tell(top.more.take(), |key, value| anchor.set_data(key, value));
    if let Some(polls) = polls {
        polls.tell(|key, value| anchor.set_data(key, value));
    }
    code(top.site, |key, value| anchor.set_data(key, value));
    if top.slow {
        anchor.set_data("slow", true.into());
    }
}

/// Plays the records into sentry's own transaction: the plain API, so that spans which others hung below the root stay.
fn replay(anchor: &TransactionOrSpan, root: u64, mut records: Vec<Record>, clock: &Anchor) {
    sort(&mut records);
    let mut spans: HashMap<u64, TransactionOrSpan> = HashMap::with_capacity(records.len() + 1);
    spans.insert(root, anchor.clone());
    let mut finished: Vec<(Span, SystemTime)> = Vec::with_capacity(records.len());
    for mut record in records {
        let start = clock.wall(record.start);
        let end = clock.wall(record.end).max(start);
        // Where the clock could not tell which of two began first, a stand-in that is never finished lends its id.
        let parent = spans
            .entry(record.parent)
            .or_insert_with(|| anchor.start_child_with_details("", "", span_id(record.parent), start).into());
        let (name, op) = names(record.site, record.more.as_deref());
        let span = parent.start_child_with_details(op, name, span_id(record.id), start);
        span.set_status(record.status);
        let failed = record.status != SpanStatus::Ok;
        if record.more.is_some() || record.slow || record.of_future || failed {
            let mut data = span.data();
            let polls = record.polls();
            tell(record.more.take(), |key, value| data.set_data(key.to_owned(), value));
            if let Some(polls) = polls {
                polls.tell(|key, value| data.set_data(key.to_owned(), value));
            }
            if record.slow {
                data.set_data("slow".to_owned(), true.into());
            }
            if record.slow || failed {
                code(record.site, |key, value| data.set_data(key.to_owned(), value));
            }
        }
        spans.insert(record.id, span.clone().into());
        finished.push((span, end));
    }
    for (span, end) in finished {
        span.finish_with_timestamp(end);
    }
}

fn names<'a>(site: &'static CallSite, more: Option<&'a More>) -> (&'a str, &'a str) {
    (
        more.and_then(|more| more.name.as_deref()).unwrap_or(site.name()),
        more.and_then(|more| more.op.as_deref()).unwrap_or(site.op()),
    )
}

/// The fields that the annotation and the program named.
fn tell(more: Option<Box<More>>, mut set: impl FnMut(&str, Value)) {
    let Some(more) = more else { return };
    for (key, value) in more.values.fields {
        set(&key, value);
    }
}

/// Where the function stands, by the names of sentry's conventions.
fn code(site: &'static CallSite, mut set: impl FnMut(&str, Value)) {
    if site.file().is_empty() {
        return;
    }
    set("code.file.path", site.file().into());
    set("code.line.number", site.line().into());
    set("code.function.name", format!("{}::{}", site.module(), site.function()).into());
}

/// Milliseconds with a fraction.
pub(super) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
