//! From records to sentry's transaction, when a root ends.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::time::SystemTime;

use sentry_core::protocol::{self, Context, EnvelopeItem, Map, SpanId, SpanStatus, TraceId, Transaction, Value};
use sentry_core::{Envelope, Hub, Span, TransactionContext, TransactionOrSpan};

use super::Instrumentation;
use super::clock::Anchor;
use super::frame::More;
use super::record::Record;
use super::root::{ORIGIN, SOURCE_CUSTOM, SOURCE_KEY};
use super::state::{self, Local, Mode};
use super::trace::{Trace, sort, span_id};
use crate::CallSite;

/// Whether a client's transport takes spans from us while it is given a transaction, as ours does: told by the first one.
#[derive(Debug, Default)]
pub(super) struct Carrier(AtomicU8);

impl Carrier {
    const TAKES: u8 = 1;
    const DOES_NOT: u8 = 2;

    /// None as long as it is not known.
    fn takes(&self) -> Option<bool> {
        match self.0.load(Relaxed) {
            0 => None,
            known => Some(known == Self::TAKES),
        }
    }

    fn learn(&self, takes: bool) {
        self.0.store(if takes { Self::TAKES } else { Self::DOES_NOT }, Relaxed);
    }
}

/// A root and its spans on their way, while sentry sends the transaction on this thread.
#[derive(Debug)]
pub(super) struct Underway {
    /// None to find out only whether anybody takes them.
    spans: Option<Spans>,
    taken: bool,
}

/// What belongs into a transaction and is not in it yet: the spans below its root, and what that says of itself. As records, which are
/// a fraction of what they become, so that the thread that ended the root need not wait for it.
#[derive(Debug)]
pub struct Spans {
    top: Record,
    source: &'static str,
    trace_id: TraceId,
    records: Vec<Record>,
    clock: Anchor,
}

/// Finishes the root with everything below it.
///
/// A transport of ours takes the records themselves with the envelope: no spans of sentry's own are made, which cost several
/// times as much, and none of the protocol's on this thread. Elsewhere they are played into sentry's transaction.
pub(super) fn finish(local: &Local, trace: &Trace, mut top: Record, mut records: Vec<Record>) {
    let clock = trace.clock;
    let anchor = &trace.anchor;
    let end = clock.wall(top.end.max(top.start));
    let carrier = match anchor {
        TransactionOrSpan::Transaction(_) => Instrumentation::of(&trace.client).map(Instrumentation::carrier),
        TransactionOrSpan::Span(_) => None,
    };
    let spans = match carrier {
        Some(carrier) if carrier.takes() == Some(true) => {
            Some(Spans { top, source: trace.source, trace_id: trace.trace_id, records, clock })
        }
        _ => {
            anchor.set_status(top.status);
            describe(anchor, trace.source, &mut top);
            replay(anchor, trace.root, &mut records, &clock);
            local.give_back(records);
            None
        }
    };
    let asks = carrier.filter(|carrier| carrier.takes() != Some(false));
    if asks.is_some() {
        *local.underway.borrow_mut() = Some(Underway { spans, taken: false });
    }
    anchor.clone().finish_with_timestamp(end);
    if let Some(carrier) = asks
        && let Some(underway) = local.underway.borrow_mut().take()
    {
        match underway.spans {
            None => carrier.learn(underway.taken),
            // The client was shut down meanwhile.
            Some(spans) if !underway.taken => local.give_back(spans.records),
            Some(_) => {}
        }
    }
}

/// Takes what belongs into the transaction of this envelope and is under way on this thread. Transports of ours call it with
/// whatever they are given to send; [`Spans::put_into`] can be left to another thread.
pub fn take_spans(envelope: &Envelope) -> Option<Spans> {
    if state::mode() != Mode::Muted {
        return None;
    }
    let taken = state::with(|local| {
        let mut slot = local.underway.try_borrow_mut().ok()?;
        let underway = slot.as_mut()?;
        let Some(spans) = &underway.spans else {
            underway.taken = true;
            return None;
        };
        let root = span_id(spans.top.id);
        if !envelope.items().any(|item| matches!(item, EnvelopeItem::Transaction(it) if is_root(it, root))) {
            return None;
        }
        underway.taken = true;
        let mut spans = underway.spans.take()?;
        drop(slot);
        // The buffer stays with the thread: it has room for the next root's.
        let mut buffer = std::mem::take(&mut spans.records);
        spans.records = Vec::with_capacity(buffer.len());
        spans.records.append(&mut buffer);
        local.give_back(buffer);
        Some(spans)
    });
    taken.flatten()
}

/// [`take_spans`] and [`Spans::put_into`] in one.
pub fn hand_over(envelope: &mut Envelope) {
    if let Some(spans) = take_spans(envelope) {
        spans.put_into(envelope);
    }
}

impl Spans {
    /// Puts them, and what the root says of itself, into their transaction.
    pub fn put_into(self, envelope: &mut Envelope) {
        let root = span_id(self.top.id);
        let mut spans = Some(self);
        let mut rebuilt = Envelope::new().with_headers(envelope.headers().clone());
        for mut item in std::mem::take(envelope).into_items() {
            if let EnvelopeItem::Transaction(transaction) = &mut item
                && is_root(transaction, root)
                && let Some(spans) = spans.take()
            {
                spans.complete(transaction);
            }
            rebuilt.add_item(item);
        }
        *envelope = rebuilt;
    }

    fn complete(self, transaction: &mut Transaction<'_>) {
        let Self { mut top, source, trace_id, mut records, clock } = self;
        if let Some(Context::Trace(root)) = transaction.contexts.get_mut("trace") {
            root.status = Some(top.status);
            root.origin.get_or_insert_with(|| ORIGIN.to_owned());
            let data = &mut root.data;
            data.insert(SOURCE_KEY.to_owned(), source.into());
            root_data(&mut top, |key, value| {
                data.insert(key.to_owned(), value);
            });
        }
        sort(&mut records);
        transaction.spans.reserve_exact(records.len());
        transaction.spans.extend(records.into_iter().map(|record| span_of(record, trace_id, &clock)));
    }
}

fn is_root(transaction: &Transaction<'_>, root: SpanId) -> bool {
    matches!(transaction.contexts.get("trace"), Some(Context::Trace(trace)) if trace.span_id == root)
}

/// The record as sentry's protocol has it.
fn span_of(mut record: Record, trace_id: TraceId, clock: &Anchor) -> protocol::Span {
    let start = clock.wall(record.start);
    let (name, op) = names(record.site, record.more.as_deref());
    let mut span = protocol::Span {
        span_id: span_id(record.id),
        trace_id,
        parent_span_id: Some(span_id(record.parent)),
        same_process_as_parent: None,
        op: Some(op.to_owned()),
        description: (!name.is_empty()).then(|| name.to_owned()),
        timestamp: Some(clock.wall(record.end).max(start)),
        start_timestamp: start,
        status: Some(record.status),
        tags: Map::new(),
        data: Map::new(),
    };
    if record.tells() {
        data_of(&mut record, |key, value| {
            span.data.insert(key.to_owned(), value);
        });
    }
    span
}

/// What a span says beyond its name, times and status.
fn data_of(record: &mut Record, mut set: impl FnMut(&str, Value)) {
    // Three entries for every span would cost as much as all the rest of it.
    if record.slow || record.status != SpanStatus::Ok {
        code(record.site, &mut set);
    }
    if record.slow {
        set("slow", true.into());
    }
    if let Some(polls) = record.polls() {
        polls.tell(&mut set);
    }
    tell(record.more.take(), &mut set);
}

/// Sends a span that outlived its root as a transaction of its own.
pub(super) fn finish_late(hub: &Arc<Hub>, trace: &Trace, mut top: Record, mut records: Vec<Record>) {
    let clock = trace.clock;
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
    let anchor = TransactionOrSpan::from(transaction);
    anchor.set_status(top.status);
    describe(&anchor, SOURCE_CUSTOM, &mut top);
    replay(&anchor, top.id, &mut records, &clock);
    anchor.finish_with_timestamp(clock.wall(top.end).max(start));
}

/// What a root says of itself.
fn describe(anchor: &TransactionOrSpan, source: &'static str, top: &mut Record) {
    match anchor {
        TransactionOrSpan::Transaction(transaction) => {
            transaction.set_origin(ORIGIN);
            let mut data = transaction.data();
            data.set_data(Cow::Borrowed(SOURCE_KEY), source.into());
            root_data(top, |key, value| data.set_data(Cow::Owned(key.to_owned()), value));
        }
        TransactionOrSpan::Span(span) => {
            let mut data = span.data();
            root_data(top, |key, value| data.set_data(key.to_owned(), value));
        }
    }
}

fn root_data(top: &mut Record, mut set: impl FnMut(&str, Value)) {
    code(top.site, &mut set);
    if top.slow {
        set("slow", true.into());
    }
    if let Some(polls) = top.polls() {
        polls.tell(&mut set);
    }
    tell(top.more.take(), &mut set);
}

/// Plays the records into sentry's own transaction: the plain API, so that spans which others hung below the root stay.
fn replay(anchor: &TransactionOrSpan, root: u64, records: &mut Vec<Record>, clock: &Anchor) {
    sort(records);
    let mut spans: HashMap<u64, TransactionOrSpan> = HashMap::with_capacity(records.len() + 1);
    spans.insert(root, anchor.clone());
    let mut finished: Vec<(Span, SystemTime)> = Vec::with_capacity(records.len());
    for mut record in records.drain(..) {
        let start = clock.wall(record.start);
        let end = clock.wall(record.end).max(start);
        // Where the clock could not tell which of two began first, a stand-in that is never finished lends its id.
        let parent = spans
            .entry(record.parent)
            .or_insert_with(|| anchor.start_child_with_details("", "", span_id(record.parent), start).into());
        let (name, op) = names(record.site, record.more.as_deref());
        let span = parent.start_child_with_details(op, name, span_id(record.id), start);
        span.set_status(record.status);
        if record.tells() {
            let mut data = span.data();
            data_of(&mut record, |key, value| data.set_data(key.to_owned(), value));
        }
        spans.insert(record.id, span.clone().into());
        finished.push((span, end));
    }
    for (span, end) in finished {
        span.finish_with_timestamp(end);
    }
}

pub(super) fn names<'a>(site: &'static CallSite, more: Option<&'a More>) -> (&'a str, &'a str) {
    (
        more.and_then(|more| more.name.as_deref()).unwrap_or(site.name()),
        more.and_then(|more| more.op.as_deref()).unwrap_or(site.op()),
    )
}

/// The fields that the annotation and the program named.
fn tell(more: Option<Box<More>>, mut set: impl FnMut(&str, Value)) {
    let Some(more) = more else { return };
    for (key, value) in more.values.fields {
        // Nothing was there to be recorded.
        if !value.is_null() {
            set(&key, value);
        }
    }
}

/// Where the function stands, by the names of sentry's conventions.
fn code(site: &'static CallSite, mut set: impl FnMut(&str, Value)) {
    if site.file().is_empty() {
        return;
    }
    set("code.file.path", site.file().into());
    set("code.line.number", site.line().into());
    set("code.function.name", [site.module(), site.function()].join("::").into());
}
