//! The one thread on which everything happens that would slow the program: hooks, redaction, writing, sending.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sentry_core::client_report::Recorder;
use sentry_core::protocol::{EnvelopeHeaders, EnvelopeItem};
use sentry_core::types::Uuid;
use sentry_core::{Envelope, sentry_debug};

use super::carrier::{Carrier, Outcome, Parcel};
use super::counts::{Counters, DropReason, Kind, Tally, Verdict};
use super::hooks::{self, isolate};
use super::losses;
use super::queue::Queue;
use super::sampling;
use super::screen::{Screen, Screened};
#[cfg(feature = "transport")]
use super::spotlight::Spotlight;
use super::wire;

/// Sees what leaves, typed and redacted, before it does.
pub type Observer = Arc<dyn Fn(&Envelope) + Send + Sync>;

/// What the worker works with.
pub(super) struct Worker {
    pub(super) screen: Screen,
    pub(super) observers: Vec<Observer>,
    #[cfg(feature = "transport")]
    pub(super) spotlight: Option<Arc<Spotlight>>,
    pub(super) carrier: Carrier,
    pub(super) recorder: Recorder,
    pub(super) counters: Arc<Counters>,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("screen", &self.screen).field("carrier", &self.carrier).finish_non_exhaustive()
    }
}

/// One item on its way through the worker.
struct Piece {
    item: EnvelopeItem,
    bytes: Vec<u8>,
    /// The server has asked not to be sent it.
    limited: bool,
}

impl Worker {
    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self, queue: &Queue) {
        // Whatever the HTTP client logs, or a hook captures, would come back here and make more of itself.
        hooks::mute_this_thread();
        while let Some(waiting) = queue.next() {
            let tally = Tally::of_envelope(&waiting.envelope);
            let verdict =
                catch_unwind(AssertUnwindSafe(|| self.handle(waiting.into_whole()))).unwrap_or_else(|payload| {
                    std::mem::forget(payload);
                    Verdict::lost(DropReason::Internal, &tally)
                });
            queue.done(|| self.counters.settle(&verdict));
        }
    }

    fn handle(&mut self, envelope: Envelope) -> Verdict {
        if envelope.items().next().is_some() {
            return self.handle_typed(envelope);
        }
        // Raw bytes cannot be redacted, so they are read; what cannot be read does not leave.
        let mut bytes = Vec::new();
        let read = envelope.to_writer(&mut bytes).ok().and_then(|()| Envelope::from_slice(&bytes).ok());
        let Some(envelope) = read else {
            sentry_debug!("a raw envelope cannot be read, and therefore not redacted: it is dropped");
            return Verdict::lost(DropReason::Redaction, &Tally::OTHER);
        };
        self.handle_typed(envelope).into_one()
    }

    fn handle_typed(&mut self, envelope: Envelope) -> Verdict {
        let mut verdict = Verdict::default();
        let headers = envelope.headers().clone();
        let (mut pieces, header) = self.prepare(envelope, &headers, &mut verdict);
        if pieces.is_empty() {
            return verdict;
        }
        self.copy(&mut pieces, &header);
        if pieces.iter().any(|piece| piece.limited) {
            for piece in pieces.iter().filter(|piece| piece.limited) {
                self.lose(&piece.item, DropReason::RateLimited, &mut verdict);
            }
            pieces.retain(|piece| !piece.limited);
        }
        // A client report alone is worth a request; nothing at all is not.
        if !pieces.is_empty() {
            self.send(pieces, &header, &mut verdict);
        }
        verdict
    }

    /// Hooks, redaction, writing; and the envelope's first line.
    fn prepare(&self, envelope: Envelope, headers: &EnvelopeHeaders, verdict: &mut Verdict) -> (Vec<Piece>, Vec<u8>) {
        let mut pieces = Vec::new();
        let mut trace = None;
        let mut event_id: Option<Uuid> = None;
        // What took the event or transaction, if something did: attachments follow it.
        let mut main_lost = None;
        let mut main_limited = false;
        let copies = self.copies();
        for item in envelope.into_items() {
            let kind = Kind::of(&item).map(|(kind, _)| kind);
            let limited = match kind {
                Some(Kind::Attachment) if main_limited => true,
                kind => self.carrier.refuses(kind.unwrap_or(Kind::Other)),
            };
            let reason = match kind {
                Some(Kind::Attachment) if main_lost.is_some() => main_lost,
                _ if limited && !copies => Some(DropReason::RateLimited),
                _ => None,
            };
            let main = matches!(kind, Some(Kind::Event | Kind::Transaction));
            main_limited |= main && limited;
            if let Some(reason) = reason {
                self.lose(&item, reason, verdict);
                main_lost = if main { Some(reason) } else { main_lost };
                continue;
            }
            match self.screen.pass(item, verdict) {
                Ok(Screened { item, lifted }) => {
                    match (&item, &lifted) {
                        (EnvelopeItem::Event(event), _) => event_id = Some(event.event_id),
                        (EnvelopeItem::Transaction(transaction), Some(lifted)) => {
                            event_id = Some(transaction.event_id);
                            trace = sampling::trace_header(
                                transaction,
                                lifted,
                                headers,
                                &self.screen.identity,
                                &self.screen.redactor,
                            );
                        }
                        _ => (),
                    }
                    let tally = Tally::of([&item]);
                    let mut bytes = Vec::new();
                    match wire::write_item(&mut bytes, item, lifted.as_ref(), &self.screen.identity) {
                        Ok(Some(item)) => pieces.push(Piece { item, bytes, limited }),
                        Ok(None) | Err(_) => verdict.drop_all(DropReason::Internal, &tally),
                    }
                }
                Err(reason) => main_lost = if main { Some(reason) } else { main_lost },
            }
        }
        let mut header = Vec::new();
        if wire::write_header(&mut header, event_id, trace.as_ref()).is_err() {
            verdict.drop_all(DropReason::Internal, &Tally::of(pieces.iter().map(|piece| &piece.item)));
            pieces.clear();
        }
        (pieces, header)
    }

    fn copies(&self) -> bool {
        #[cfg(feature = "transport")]
        if self.spotlight.is_some() {
            return true;
        }
        !self.observers.is_empty()
    }

    /// Shows the pieces to observers and to Spotlight.
    fn copy(&self, pieces: &mut Vec<Piece>, header: &[u8]) {
        #[cfg(feature = "transport")]
        if let Some(spotlight) = &self.spotlight {
            spotlight.copy(join(header, pieces), &self.counters);
        }
        if !self.observers.is_empty() {
            let (envelope, rest): (Envelope, Vec<_>) = take_apart(std::mem::take(pieces));
            for observer in &self.observers {
                // An observer that panics has seen what it wanted to see.
                let _ = isolate(|| observer(&envelope));
            }
            let items = envelope.into_items();
            pieces.extend(items.zip(rest).map(|(item, (bytes, limited))| Piece { item, bytes, limited }));
        }
        let _ = header;
    }

    fn send(&mut self, pieces: Vec<Piece>, header: &[u8], verdict: &mut Verdict) {
        let bytes = join(header, &pieces);
        let (envelope, _) = take_apart(pieces);
        let tally = Tally::of(envelope.items());
        match self.carrier.carry(Parcel { bytes, envelope }) {
            #[cfg(feature = "transport")]
            Outcome::Delivered => verdict.delivered.merge(&tally),
            #[cfg(feature = "transport")]
            Outcome::Kept => (),
            Outcome::HandedOver => verdict.handed_over.merge(&tally),
            Outcome::Lost(reason, envelope) => {
                verdict.drop_all(reason, &tally);
                // The server counts what it answers with 429 itself.
                if reason != DropReason::RateLimited {
                    losses::report(&self.recorder, &losses::weigh(&*envelope), reason);
                } else if let Some(report) = envelope.items().find(|item| Kind::of(item).is_none()) {
                    losses::report(&self.recorder, &losses::weigh(report), reason);
                }
            }
        }
    }

    fn lose(&self, item: &EnvelopeItem, reason: DropReason, verdict: &mut Verdict) {
        verdict.drop_all(reason, &Tally::of([item]));
        losses::report(&self.recorder, &losses::weigh(item), reason);
    }
}

fn join(header: &[u8], pieces: &[Piece]) -> Vec<u8> {
    let size = pieces.iter().map(|piece| piece.bytes.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(header.len() + size);
    bytes.extend_from_slice(header);
    pieces.iter().for_each(|piece| bytes.extend_from_slice(&piece.bytes));
    bytes
}

fn take_apart(pieces: Vec<Piece>) -> (Envelope, Vec<(Vec<u8>, bool)>) {
    let mut envelope = Envelope::new();
    let mut rest = Vec::with_capacity(pieces.len());
    for Piece { item, bytes, limited } in pieces {
        envelope.add_item(item);
        rest.push((bytes, limited));
    }
    (envelope, rest)
}
