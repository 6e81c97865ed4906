//! One open root, as everything below it sees it, on whatever thread.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use sentry_core::protocol::{SpanId, TraceId};
use sentry_core::{Client, Hub, TransactionOrSpan};

use super::Instrumentation;
use super::anchor::Begun;
use super::clock::{Anchor, Instant, between};
use super::promotion::Notes;
use super::record::Record;
use super::state;
use crate::TraceParent;
use crate::task::Baggage;

/// How many spans a transaction may have.
pub(super) const MAX_SPANS: usize = 1000;

/// One open root. Futures and threads that work for it hold on to it; their spans come here when they are not on the
/// thread, or not in the future, that the root itself runs in.
pub(crate) struct Trace {
    pub(super) trace_id: TraceId,
    /// The root's own span.
    pub(super) root: u64,
    pub(super) sampled: bool,
    /// The hub that the root has to itself, if it has one.
    pub(super) hub: Option<Arc<Hub>>,
    /// What sentry sees of the root.
    pub(super) anchor: TransactionOrSpan,
    /// Wall time when the root began.
    pub(super) clock: Anchor,
    pub(super) client: Arc<Client>,
    /// How many owners the client had when the root began, this one included. Every hub is one: as long as there are as
    /// many, nobody has made a hub that could have been bound since.
    owners: usize,
    /// What came with a trace that is continued.
    pub(super) baggage: Option<Arc<Baggage>>,
    /// What its name was taken from.
    pub(super) source: &'static str,
    /// A poll of its futures that takes longer is told.
    pub(super) longest_poll: Duration,
    shared: Mutex<Vec<Record>>,
    notes: Mutex<Notes>,
    begun: AtomicU32,
    closed: AtomicBool,
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trace")
            .field("trace_id", &self.trace_id)
            .field("sampled", &self.sampled)
            .finish_non_exhaustive()
    }
}

impl Trace {
    /// A root's; `hub` if it has one to itself.
    pub(super) fn new(
        begun: Begun,
        hub: Option<Arc<Hub>>,
        client: Arc<Client>,
        baggage: Option<Arc<Baggage>>,
        source: &'static str,
    ) -> Arc<Self> {
        let Begun { anchor, id, trace_id, sampled, clock } = begun;
        let own = if sampled { Instrumentation::of(&client) } else { None };
        let longest_poll = if sampled { Instrumentation::longest_poll(own, client.options()) } else { Duration::MAX };
        Arc::new(Self {
            trace_id,
            root: id,
            sampled,
            hub,
            anchor,
            clock,
            owners: Arc::strong_count(&client),
            client,
            baggage,
            source,
            longest_poll,
            shared: Mutex::default(),
            notes: Mutex::default(),
            begun: AtomicU32::new(0),
            closed: AtomicBool::new(false),
        })
    }

    /// Whether no hub was made or dropped since the root began: then the one that was current is still.
    #[inline]
    pub(super) fn same_hubs(&self) -> bool {
        Arc::strong_count(&self.client) == self.owners
    }

    fn shared(&self) -> MutexGuard<'_, Vec<Record>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of calls that ended elsewhere than where the root runs, if it is not sampled.
    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The parent of whatever continues the trace from below span `cur`.
    pub(super) fn parent(&self, cur: u64) -> TraceParent {
        let span = if self.sampled && cur != 0 { cur } else { self.root };
        TraceParent { trace_id: self.trace_id, span_id: span_id(span), sampled: Some(self.sampled) }
    }

    /// Whether the span of a future that has ended, with its only poll, is more than a record.
    #[inline]
    pub(super) fn wants_more_of(&self, start: Instant, end: Instant) -> bool {
        self.is_closed() || between(start, end) >= self.longest_poll
    }

    /// Whether the root has ended and its transaction is on its way.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// How many spans were begun, as far as is known here.
    pub(super) fn begun(&self) -> u32 {
        self.begun.load(Ordering::Relaxed)
    }

    /// Takes spans that ended elsewhere than where the root runs. False if the root has ended.
    pub(super) fn add(&self, records: &mut Vec<Record>) -> bool {
        let mut shared = self.shared();
        self.begun.fetch_add(records.len() as u32, Ordering::Relaxed);
        shared.append(records);
        // Many threads may each have counted to the limit.
        if shared.len() > 2 * MAX_SPANS {
            state::count_lost_spans(keep_oldest(&mut shared));
        }
        !self.is_closed()
    }

    /// The root ends: what `choose` takes out of everything that came here and of `records` goes with it. The rest waits for
    /// spans that are still open, and none of them may end in between.
    pub(super) fn close(&self, records: &mut Vec<Record>, choose: impl FnOnce(&mut Vec<Record>) -> Vec<Record>) {
        let mut shared = self.shared();
        self.closed.store(true, Ordering::Release);
        records.append(&mut shared);
        *shared = choose(records);
    }

    /// The root ends, and nothing was recorded of it: sentry only counts it.
    pub(super) fn close_unsampled(&self) {
        self.closed.store(true, Ordering::Release);
        // The time is not looked at, and costs as much to read as much of the rest.
        self.anchor.clone().finish_with_timestamp(SystemTime::UNIX_EPOCH);
    }

    /// Changes what came here since the root ended; nothing else can in between.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut Vec<Record>) -> R) -> R {
        f(&mut self.shared())
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        // Held for a span that never ended.
        let shared = self.shared.get_mut().unwrap_or_else(PoisonError::into_inner);
        if !shared.is_empty() {
            state::count_lost_spans(shared.len());
        }
    }
}

/// Sorts by start, parents before children, and drops the newest that are too many; tells how many.
pub(super) fn keep_oldest(records: &mut Vec<Record>) -> usize {
    sort(records);
    let lost = records.len().saturating_sub(MAX_SPANS);
    records.truncate(MAX_SPANS);
    lost
}

/// Sorts by start, parents before children where the clock can tell.
pub(super) fn sort(records: &mut [Record]) {
    records.sort_by_key(|record| (record.start, Reverse(record.end)));
}

pub(super) fn span_id(id: u64) -> SpanId {
    SpanId::from(id.to_be_bytes())
}
