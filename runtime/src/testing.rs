//! What a piece of code sent, for tests: a client of its own, a hub of its own, everything typed.
//!
//! ```
//! use watchpost::monitor_performance;
//!
//! #[monitor_performance]
//! fn outer() {
//!     inner();
//! }
//! #[monitor_performance]
//! fn inner() {}
//!
//! let sent = watchpost::testing::capture(outer);
//! let inner = sent.span("inner").expect("it was recorded");
//! assert_eq!(sent.parent(inner).map(|span| span.name.as_str()), Some("outer"));
//! ```
//!
//! Where the environment variable `WATCHPOST_TEST_ENVELOPES` names a folder, every envelope is written there too, as it would
//! stand on the wire: to look at, or to hold against a receiver.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use sentry_core::protocol::{
    Context, EnvelopeItem, Event, ItemContainer, Log, Metric, MonitorCheckIn, SpanId, SpanStatus, TraceId, Transaction,
    Value,
};
use sentry_core::{Client, ClientOptions, Envelope, Hub, SentryFutureExt, Transport};

use crate::Instrumentation;
use crate::delivery::{Delivery, Destination, LOCAL_DSN, Settings};

/// Runs `f` with a client of its own that records every trace, and gives what was sent.
pub fn capture(f: impl FnOnce()) -> Captured {
    capture_with(options(), f)
}

/// As [`capture`], with these options; [`options`] is what [`capture`] uses. Transport, and DSN where there is none, are
/// replaced.
pub fn capture_with(options: ClientOptions, f: impl FnOnce()) -> Captured {
    let (sent, hub) = open(options);
    Hub::run(hub.clone(), f);
    sent.close(&hub)
}

/// Awaits `future` with a client of its own that records every trace, and gives what was sent. What the future spawns
/// belongs to it only if it is carried over, by [`InCurrentSpan`](crate::InCurrentSpan) or by binding the hub.
pub async fn capture_async(future: impl Future<Output = ()>) -> Captured {
    capture_async_with(options(), future).await
}

/// As [`capture_async`], with these options.
pub async fn capture_async_with(options: ClientOptions, future: impl Future<Output = ()>) -> Captured {
    let (sent, hub) = open(options);
    future.bind_hub(hub.clone()).await;
    sent.close(&hub)
}

/// The options that [`capture`] uses: every trace is recorded, nothing is told of slow polls.
pub fn options() -> ClientOptions {
    ClientOptions::new().traces_sample_rate(1.0).add_integration(Instrumentation::new().blocked_after(None))
}

fn open(mut options: ClientOptions) -> (Arc<Sent>, Arc<Hub>) {
    let sent = Arc::new(Sent { envelopes: Mutex::default(), copies: Copies::client() });
    options.transport = Some(Arc::new(sent.clone()));
    if options.dsn.is_none() {
        options.dsn = "https://public@sentry.invalid/1".parse().ok();
    }
    let client = Arc::new(Client::with_options(options));
    let hub = Arc::new(Hub::new(Some(client), Arc::default()));
    (sent, hub)
}

struct Sent {
    envelopes: Mutex<Vec<Envelope>>,
    copies: Option<Client>,
}

impl Transport for Sent {
    fn send_envelope(&self, mut envelope: Envelope) {
        crate::span::hand_over(&mut envelope);
        if let Some(copies) = &self.copies {
            copies.send_envelope(envelope.clone());
        }
        self.envelopes.lock().unwrap_or_else(PoisonError::into_inner).push(envelope);
    }
}

impl Sent {
    fn close(&self, hub: &Hub) -> Captured {
        if let Some(client) = hub.client() {
            crate::capture::tell_of_storms(&client);
            // Logs and metrics wait in a batch.
            client.flush(None);
        }
        if let Some(copies) = &self.copies {
            copies.flush(None);
        }
        let envelopes = std::mem::take(&mut *self.envelopes.lock().unwrap_or_else(PoisonError::into_inner));
        Captured::new(envelopes)
    }
}

/// Writes what it gets into a folder, an envelope a file.
struct Copies(PathBuf);

impl Copies {
    /// A client whose delivery ends in the folder that the environment names, if it names one.
    fn client() -> Option<Client> {
        let folder = std::env::var_os("WATCHPOST_TEST_ENVELOPES").filter(|folder| !folder.is_empty())?;
        let destination = Destination::Transport(Arc::new(Arc::new(Self(folder.into()))));
        let delivery = Delivery::new(Settings { destination, ..Settings::default() });
        Some(Client::with_options(delivery.install(ClientOptions::new().dsn(LOCAL_DSN))))
    }
}

impl Transport for Copies {
    fn send_envelope(&self, envelope: Envelope) {
        let mut bytes = Vec::new();
        let file = self.0.join(format!("{}.envelope", sentry_core::types::random_uuid().simple()));
        if let Err(error) = envelope.to_writer(&mut bytes).and_then(|()| std::fs::write(&file, bytes)) {
            eprintln!("[watchpost] {}: {error}", file.display());
        }
    }
}

/// What was sent, in the order in which it was sent.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Captured {
    /// As it was given to the transport.
    pub envelopes: Vec<Envelope>,
    /// Error events and messages.
    pub events: Vec<Event<'static>>,
    /// Transactions.
    pub transactions: Vec<Transaction<'static>>,
    /// Logs.
    pub logs: Vec<Log>,
    /// Metrics.
    pub metrics: Vec<Metric>,
    /// Check-ins.
    pub check_ins: Vec<MonitorCheckIn>,
    /// Every span of every transaction, its root first.
    pub spans: Vec<CapturedSpan>,
}

/// One span, or the root of a transaction.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CapturedSpan {
    /// The transaction's name, or the span's description.
    pub name: String,
    /// The operation.
    pub op: String,
    /// Its own id.
    pub id: SpanId,
    /// The id of the span above, of this transaction or another.
    pub parent: Option<SpanId>,
    /// The trace.
    pub trace: TraceId,
    /// How it ended.
    pub status: Option<SpanStatus>,
    /// Its data, reserved keys included.
    pub data: BTreeMap<String, Value>,
    /// When it began.
    pub start: SystemTime,
    /// When it ended.
    pub end: Option<SystemTime>,
    /// Whether it is the root of a transaction.
    pub is_root: bool,
    /// Which transaction it is part of, by index.
    pub transaction: usize,
}

impl Captured {
    fn new(envelopes: Vec<Envelope>) -> Self {
        let mut captured = Self::default();
        for item in envelopes.iter().flat_map(Envelope::items) {
            match item {
                EnvelopeItem::Event(event) => captured.events.push((**event).clone()),
                EnvelopeItem::Transaction(transaction) => {
                    captured.read(transaction);
                    captured.transactions.push((**transaction).clone());
                }
                EnvelopeItem::MonitorCheckIn(check_in) => captured.check_ins.push(check_in.clone()),
                EnvelopeItem::ItemContainer(ItemContainer::Logs(logs)) => captured.logs.extend(logs.iter().cloned()),
                EnvelopeItem::ItemContainer(ItemContainer::Metrics(metrics)) => {
                    captured.metrics.extend(metrics.iter().cloned());
                }
                _ => {}
            }
        }
        captured.envelopes = envelopes;
        captured
    }

    fn read(&mut self, transaction: &Transaction<'static>) {
        let at = self.transactions.len();
        if let Some(Context::Trace(root)) = transaction.contexts.get("trace") {
            self.spans.push(CapturedSpan {
                name: transaction.name.clone().unwrap_or_default(),
                op: root.op.clone().unwrap_or_default(),
                id: root.span_id,
                parent: root.parent_span_id,
                trace: root.trace_id,
                status: root.status,
                data: root.data.clone().into_iter().collect(),
                start: transaction.start_timestamp,
                end: transaction.timestamp,
                is_root: true,
                transaction: at,
            });
        }
        self.spans.extend(transaction.spans.iter().map(|span| CapturedSpan {
            name: span.description.clone().unwrap_or_default(),
            op: span.op.clone().unwrap_or_default(),
            id: span.span_id,
            parent: span.parent_span_id,
            trace: span.trace_id,
            status: span.status,
            data: span.data.clone().into_iter().collect(),
            start: span.start_timestamp,
            end: span.timestamp,
            is_root: false,
            transaction: at,
        }));
    }

    /// The first span of this name.
    pub fn span(&self, name: &str) -> Option<&CapturedSpan> {
        self.spans.iter().find(|span| span.name == name)
    }

    /// Every span of this name.
    pub fn spans_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a CapturedSpan> {
        self.spans.iter().filter(move |span| span.name == name)
    }

    /// The span above, in whatever transaction it is.
    pub fn parent(&self, span: &CapturedSpan) -> Option<&CapturedSpan> {
        let parent = span.parent?;
        self.spans.iter().find(|other| other.id == parent)
    }

    /// The spans right below, by their start.
    pub fn children<'a>(&'a self, span: &'a CapturedSpan) -> Vec<&'a CapturedSpan> {
        let mut children: Vec<_> = self.spans.iter().filter(|child| child.parent == Some(span.id)).collect();
        children.sort_by_key(|child| child.start);
        children
    }

    /// The span that an event was captured in.
    pub fn span_of(&self, event: &Event<'_>) -> Option<&CapturedSpan> {
        let Some(Context::Trace(trace)) = event.contexts.get("trace") else { return None };
        self.spans.iter().find(|span| span.id == trace.span_id)
    }

    /// The spans as an indented list, one a line, children by name: to be compared with what was expected.
    pub fn tree(&self) -> String {
        let mut out = String::new();
        let mut tops: Vec<_> = self.spans.iter().filter(|span| self.parent(span).is_none()).collect();
        tops.sort_by(|a, b| a.name.cmp(&b.name).then(a.start.cmp(&b.start)));
        for top in tops {
            self.branch(top, 0, &mut out);
        }
        out
    }

    fn branch(&self, span: &CapturedSpan, depth: usize, out: &mut String) {
        // Writing to a `String` does not fail.
        let _ = writeln!(out, "{}{}", "  ".repeat(depth), span.name);
        let mut children = self.children(span);
        children.sort_by(|a, b| a.name.cmp(&b.name).then(a.start.cmp(&b.start)));
        for child in children {
            self.branch(child, depth + 1, out);
        }
    }
}
