//! What an error costs, beside plain functions and `sentry` by hand.
//!
//! `cargo bench -p watchpost --bench capture` prints nanoseconds an error, the least of many rounds, ours and the peer's in turn, with
//! their ratio and what it may be at most. The transport drops what it gets, for both alike.
#![expect(clippy::print_stdout, reason = "a table is what it is for")]

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use sentry_core::protocol::{Context, Map};
use sentry_core::{Client, ClientOptions, Envelope, Hub, Transport};
use watchpost::{Config, capture_errors};

#[derive(Debug)]
enum PaymentError {
    Declined { code: u32 },
}
impl fmt::Display for PaymentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Declined { code } = self;
        write!(f, "card declined with {code}")
    }
}
impl std::error::Error for PaymentError {}

#[inline(never)]
fn plain(code: u32) -> Result<u32, PaymentError> {
    if code == 0 { Ok(1) } else { Err(PaymentError::Declined { code }) }
}

#[inline(never)]
#[capture_errors(ignore = PaymentError::Declined { .. })]
fn ignores(code: u32) -> Result<u32, PaymentError> {
    if code == 0 { Ok(1) } else { Err(PaymentError::Declined { code }) }
}

#[inline(never)]
#[capture_errors(category = "payment", tags(currency = "eur"), fields(payment_id = "pay_1", amount = 4200), args(code))]
fn captures(code: u32) -> Result<u32, PaymentError> {
    if code == 0 { Ok(1) } else { Err(PaymentError::Declined { code }) }
}

/// The same by hand: the same tags, the same context, the error.
#[inline(never)]
fn by_hand(code: u32) -> Result<u32, PaymentError> {
    let result = plain(code);
    if let Err(err) = &result {
        sentry_core::with_scope(
            |scope| {
                scope.set_tag("error.category", "payment");
                scope.set_tag("currency", "eur");
                let mut fields = Map::new();
                fields.insert("payment_id".to_owned(), "pay_1".into());
                fields.insert("amount".to_owned(), 4200.into());
                fields.insert("error_type".to_owned(), "PaymentError::Declined".into());
                scope.set_context("payment_error", Context::Other(fields));
            },
            || sentry_core::capture_error(err),
        );
    }
    result
}

struct Nowhere;
impl Transport for Nowhere {
    fn send_envelope(&self, envelope: Envelope) {
        drop(black_box(envelope));
    }
}

fn hub(mut options: ClientOptions) -> Arc<Hub> {
    options.dsn = "https://public@sentry.invalid/1".parse().ok();
    options.transport = Some(Arc::new(|_: &ClientOptions| Arc::new(Nowhere) as Arc<dyn Transport>));
    Arc::new(Hub::new(Some(Arc::new(Client::from(options))), Arc::default()))
}

fn ours(attach_stacktrace: bool) -> Arc<Hub> {
    let config = Config::from_vars::<&str, &str>([]).expect("no variable, no problem");
    hub(config.traces_sample_rate(0.0).storm_limit(0).attach_stacktrace(attach_stacktrace).client_options())
}

fn theirs(attach_stacktrace: bool) -> Arc<Hub> {
    let options = ClientOptions::new().attach_stacktrace(attach_stacktrace);
    hub(options
        .add_integration(sentry_backtrace::AttachStacktraceIntegration::new())
        .add_integration(sentry_backtrace::ProcessStacktraceIntegration::new()))
}

const ROUNDS: usize = 40;

/// Nanoseconds a call, below a few frames as a real program has them.
#[inline(never)]
fn time(hub: &Arc<Hub>, calls: u32, call: fn(u32) -> Result<u32, PaymentError>) -> f64 {
    Hub::run(Arc::clone(hub), || {
        let start = Instant::now();
        for code in 1..=calls {
            let _ = black_box(call(black_box(code)));
        }
        start.elapsed().as_nanos() as f64 / f64::from(calls)
    })
}

/// A client, and what is called under it.
type Side = (Arc<Hub>, fn(u32) -> Result<u32, PaymentError>);

struct Row {
    name: &'static str,
    calls: u32,
    ours: Side,
    peer: Side,
}

impl Row {
    fn measure(&self) -> (f64, f64) {
        let mut least = (f64::MAX, f64::MAX);
        for _ in 0..ROUNDS {
            least.0 = least.0.min(time(&self.ours.0, self.calls, self.ours.1));
            least.1 = least.1.min(time(&self.peer.0, self.calls, self.peer.1));
        }
        least
    }
}

fn main() {
    // `cargo test --benches` runs it too, and is not to wait.
    if std::env::args().all(|argument| argument != "--bench") {
        return;
    }
    println!("{:<28} {:>10} {:>10} {:>8}   at most", "ns an error", "ours", "peer", "ratio");
    let ignored =
        Row { name: "ignored, plain", calls: 20_000, ours: (ours(false), ignores), peer: (ours(false), plain) };
    let (own, peer) = ignored.measure();
    println!("{:<28} {own:>10.1} {peer:>10.1} {:>8}   50 more", ignored.name, format!("+{:.1}", own - peer));
    for (row, most) in [
        (
            Row { name: "event, by hand", calls: 500, ours: (ours(false), captures), peer: (theirs(false), by_hand) },
            1.0,
        ),
        (
            Row {
                name: "event and stack, by hand",
                calls: 20,
                ours: (ours(true), captures),
                peer: (theirs(true), by_hand),
            },
            0.3,
        ),
    ] {
        let (own, peer) = row.measure();
        println!("{:<28} {own:>10.0} {peer:>10.0} {:>8.3}   {most}", row.name, own / peer);
    }
}
