//! The SDK's side of a delivery: what it calls to send, flush and shut down.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use sentry_core::client_report::Recorder;
use sentry_core::protocol::EnvelopeItem;
use sentry_core::{ClientOptions, Envelope, Hub, Integration, Transport, TransportFactory, TransportOptions};

use super::counts::{Counters, DropReason, Stats, Tally, Verdict};
use super::hooks::{isolate, muted};
use super::losses;
use super::queue::{Admission, Queue, Waiting};
use super::screen::Screen;
use super::settings::Settings;
#[cfg(feature = "transport")]
use super::spotlight::Spotlight;
#[cfg(feature = "transport")]
use super::store::Keep;
use super::way::Way;
use super::wire::{Identity, Named};
use super::worker::Worker;

/// How many times as many envelopes may wait in front of a store.
const BURST: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9);

/// How long a flush waits for Spotlight's copies once the server has what it gets: copies never hold up much.
#[cfg(feature = "transport")]
const COPIES: Duration = Duration::from_secs(1);

/// Makes the transport of a client: it goes into `ClientOptions::transport`, with its [`Ledger`] among the integrations.
///
/// [`Delivery::install`] does both. A [`Settings`] without anything set redacts, counts and sends to the DSN's server.
#[derive(Debug, Clone)]
pub struct Delivery {
    settings: Arc<Settings>,
    ledger: Arc<Ledger>,
}

/// Makes a client's counters findable, and learns the client's release and environment. It changes no event.
#[derive(Debug, Default)]
pub struct Ledger {
    pub(super) counters: Arc<Counters>,
    named: Arc<OnceLock<Named>>,
    newest: Mutex<Weak<Queue>>,
}

impl Ledger {
    /// The counters, over all clients that were made with this delivery.
    pub(crate) fn stats(&self) -> Stats {
        self.counters.stats()
    }

    /// Runs a function of the program on the thread that we are on; its panic is kept in and counted.
    pub(crate) fn isolate<R>(&self, code: impl FnOnce() -> R) -> Option<R> {
        let result = isolate(code);
        if result.is_err() {
            self.counters.settle(&Verdict { hook_panics: 1, ..Verdict::default() });
        }
        result.ok()
    }
}

impl Counters {
    fn give_up(&self, queue: &Queue) {
        queue.abandon(|tally| self.settle(&Verdict::lost(DropReason::Shutdown, &tally)));
    }
}

impl Integration for Ledger {
    fn name(&self) -> &'static str {
        "watchpost-delivery"
    }

    fn setup(&self, options: &mut ClientOptions) {
        // A ledger of two clients keeps the first one's words; their counts are one sum anyway.
        let _ = self.named.set(Named { release: options.release.clone(), environment: options.environment.clone() });
    }
}

impl Delivery {
    /// A delivery by these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), ledger: Arc::default() }
    }

    /// The integration that goes with it.
    pub fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger)
    }

    /// The options with this delivery as their transport and its ledger among their integrations.
    pub fn install(&self, mut options: ClientOptions) -> ClientOptions {
        options.transport = Some(Arc::new(self.clone()));
        options.integrations.push(self.ledger());
        options
    }

    /// The queue of the client that was made last.
    pub(super) fn newest(&self) -> Weak<Queue> {
        self.ledger.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives up what still waits in a queue, and counts it.
    pub(super) fn give_up(&self, queue: &Queue) {
        self.ledger.counters.give_up(queue);
    }

    /// The counters, over all clients that were made with this delivery.
    pub fn stats(&self) -> Stats {
        self.ledger.counters.stats()
    }
}

/// The counters of the current client's delivery; `None` where there is no client, or one without our delivery.
pub fn stats() -> Option<Stats> {
    Hub::with_active(|hub| hub.with_integration(|ledger: &Ledger| Some(ledger.counters.stats())))
}

impl TransportFactory for Delivery {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn Transport> {
        Arc::new(Desk::open(&self.settings, &self.ledger, options))
    }
}

/// One client's transport.
struct Desk {
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    recorder: Recorder,
    #[cfg(feature = "transport")]
    spotlight: Option<Arc<Spotlight>>,
    #[cfg(feature = "transport")]
    store: Option<Arc<dyn Keep>>,
    inner: Option<Arc<dyn Transport>>,
}

impl Desk {
    fn open(settings: &Settings, ledger: &Arc<Ledger>, options: TransportOptions) -> Self {
        let capacity = options.transport_channel_capacity.unwrap_or(settings.capacity);
        let counters = Arc::clone(&ledger.counters);
        let recorder = options.client_report_recorder.clone();
        let named = Arc::clone(&ledger.named);
        let public_key = options.dsn.public_key().to_owned();
        let way = Way::new(settings, &counters, options);
        // In front of a store an envelope waits for no server, only for its turn: a burst should find room to do that.
        let stored = way.carrier.is_store();
        let queue = Arc::new(Queue::new(if stored { capacity.saturating_mul(BURST) } else { capacity }));
        #[cfg(feature = "transport")]
        let spotlight = settings.spotlight.clone().and_then(|url| Spotlight::start(url, Arc::clone(&counters)));
        #[cfg(feature = "transport")]
        let spotlight = spotlight.map(Arc::new);
        let worker = Worker {
            screen: Screen {
                hooks: settings.hooks.clone(),
                redactor: settings.redactor.clone(),
                identity: Identity { public_key, named },
                recorder: recorder.clone(),
            },
            observers: settings.observers.clone(),
            #[cfg(feature = "transport")]
            spotlight: spotlight.clone(),
            carrier: way.carrier,
            recorder: recorder.clone(),
            counters: Arc::clone(&counters),
        };
        *ledger.newest.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&queue);
        let theirs = Arc::clone(&queue);
        let thread = thread::Builder::new().name("watchpost-delivery".into()).spawn(move || worker.run(&theirs));
        if thread.is_err() {
            // No thread, no delivery: what comes is counted as lost at the door.
            queue.abandon(|_| ());
        }
        Self {
            queue,
            counters,
            recorder,
            #[cfg(feature = "transport")]
            spotlight,
            #[cfg(feature = "transport")]
            store: way.store,
            inner: way.inner,
        }
    }

    fn lose(&self, waiting: Waiting, reason: DropReason) {
        // The server is told of spans, too.
        let envelope = waiting.into_whole();
        self.counters.settle(&Verdict::lost(reason, &Tally::of_envelope(&envelope)));
        losses::report(&self.recorder, &losses::weigh(&envelope), reason);
    }

    /// What has to wait for the SDK's transports waits on a thread that is left alone when the time is over.
    fn inner_within(&self, deadline: Instant, wait: fn(&dyn Transport, Duration) -> bool) -> bool {
        let Some(inner) = self.inner.clone() else { return true };
        within(deadline, move |time| wait(&*inner, time)).unwrap_or(false)
    }

    fn settle_store(&self, deadline: Instant) -> bool {
        #[cfg(feature = "transport")]
        if let Some(store) = &self.store {
            return store.settle(deadline);
        }
        let _ = deadline;
        true
    }

    fn close_store(&self) {
        #[cfg(feature = "transport")]
        if let Some(store) = &self.store {
            store.close();
        }
    }

    fn settle_copies(&self, deadline: Instant) {
        #[cfg(feature = "transport")]
        if let Some(spotlight) = &self.spotlight {
            spotlight.settle(deadline.min(Instant::now() + COPIES));
        }
        let _ = deadline;
    }
}

/// Runs something that may hang; `None` when it was not done in time, or panicked.
pub(super) fn within<R: Send + 'static>(
    deadline: Instant,
    run: impl FnOnce(Duration) -> R + Send + 'static,
) -> Option<R> {
    let time = deadline.saturating_duration_since(Instant::now());
    let (done, result) = std::sync::mpsc::sync_channel(1);
    let run = move || drop(done.send(run(time)));
    thread::Builder::new().name("watchpost-wait".into()).spawn(run).ok()?;
    result.recv_timeout(time).ok()
}

/// A deadline even for durations that cannot be added to the clock.
pub(super) fn deadline(timeout: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(timeout).unwrap_or(now + Duration::from_secs(24 * 3600))
}

impl Transport for Desk {
    fn send_envelope(&self, envelope: Envelope) {
        let spans = crate::span::take_spans(&envelope);
        let first = envelope.items().next();
        if first.is_none() && envelope == Envelope::new() {
            return;
        }
        let capture = matches!(
            first,
            Some(EnvelopeItem::Event(_) | EnvelopeItem::Transaction(_) | EnvelopeItem::MonitorCheckIn(_))
        );
        self.counters.accept(&Tally::of_envelope(&envelope));
        // Containers gather entries of all threads, so they pass, whoever fills them up.
        let waiting = Waiting { envelope, spans };
        if capture && muted() {
            return self.lose(waiting, DropReason::Muted);
        }
        match self.queue.push(waiting) {
            Admission::Waits => (),
            Admission::InPlaceOf(lost) | Admission::Full(lost) => self.lose(*lost, DropReason::QueueOverflow),
            Admission::Closed(lost) => self.lose(*lost, DropReason::Shutdown),
        }
    }

    /// Waits until what was captured before is dealt with, at most for the timeout.
    fn flush(&self, timeout: Duration) -> bool {
        // A hook that flushes would wait for itself.
        if muted() {
            return false;
        }
        let deadline = deadline(timeout);
        let in_time = self.queue.flush(deadline);
        let in_time = self.settle_store(deadline) && in_time;
        self.settle_copies(deadline);
        in_time && self.inner_within(deadline, Transport::flush)
    }

    /// Takes nothing more, drains, and gives up and counts what is left when the time is over.
    fn shutdown(&self, timeout: Duration) -> bool {
        let deadline = deadline(timeout);
        self.queue.close();
        let in_time = !muted() && self.queue.flush(deadline);
        let in_time = self.settle_store(deadline) && in_time;
        self.close_store();
        self.settle_copies(deadline);
        let in_time = self.inner_within(deadline, Transport::shutdown) && in_time;
        self.counters.give_up(&self.queue);
        in_time
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.queue.close();
        self.close_store();
        if let Some(inner) = self.inner.take() {
            // The SDK's transports join their thread when dropped, for as long as their server hangs.
            let _ = thread::Builder::new().name("watchpost-wait".into()).spawn(move || drop(inner));
        }
    }
}
