//! A client that sends nowhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sentry_core::{Client, ClientOptions, Envelope, Hub, Transport};

/// Takes envelopes and drops them. It does on the thread that ends a root what delivery does there; what delivery leaves to a thread
/// of its own, where that is wanted.
struct Nowhere {
    completes: bool,
    serialise: bool,
}

/// How many envelopes were taken, and how many bytes they would have been.
pub static TAKEN: AtomicU64 = AtomicU64::new(0);
/// See [`TAKEN`].
pub static BYTES: AtomicU64 = AtomicU64::new(0);

impl Transport for Nowhere {
    fn send_envelope(&self, mut envelope: Envelope) {
        match watchpost::__private::take_spans(&envelope) {
            Some(spans) if self.completes => spans.put_into(&mut envelope),
            spans => drop(spans),
        }
        TAKEN.fetch_add(1, Ordering::Relaxed);
        if self.serialise {
            let mut bytes = Vec::with_capacity(64 * 1024);
            if envelope.to_writer(&mut bytes).is_ok() {
                BYTES.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
        }
    }
}

/// How the client is to be made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kind {
    /// The rate of traces; none switches tracing off.
    pub rate: Option<f32>,
    /// Whether our integration is there.
    pub ours: bool,
    /// Whether notes are taken of calls below roots that are not sampled.
    pub timings: bool,
    /// Whether the spans of a transaction are put into it, which delivery does on its own thread.
    pub completes: bool,
    /// Whether envelopes are also written out.
    pub serialise: bool,
}

/// Binds a client to the process's main hub, as `sentry::init` does; the thread that calls this uses it, and those that it
/// starts later.
pub fn install(kind: Kind) {
    let mut options = ClientOptions::new();
    if let Some(rate) = kind.rate {
        options = options.traces_sample_rate(rate);
    }
    options.dsn = "https://public@sentry.invalid/1".parse().ok();
    options.transport =
        Some(Arc::new(Arc::new(Nowhere { completes: kind.completes || kind.serialise, serialise: kind.serialise })));
    if kind.ours {
        options = options.add_integration(watchpost::Instrumentation::new().unsampled_timings(kind.timings));
    }
    Hub::main().bind_client(Some(Arc::new(Client::with_options(options))));
    Hub::current().bind_client(Hub::main().client());
}
