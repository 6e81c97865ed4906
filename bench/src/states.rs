//! What is measured in each state of the process. A state has a process to itself: what one peer installs, another would feel.

use std::collections::BTreeMap;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use fastrace::collector::{Config, Reporter, SpanRecord};
use sentry_core::Hub;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::client::{self, Kind};
use crate::errors::{self, PaymentError};
use crate::measure::{self, Sample, minima, ready};
use crate::peers::{Refused, fast, hand, ours, plain, traced};

/// Times by name of the peer and what it did.
pub type Times = BTreeMap<&'static str, f64>;

/// Measures one state for about so long.
pub type State = fn(Duration) -> Times;

/// The states, by the name under which the bench starts itself again.
pub const STATES: [(&str, State); 10] = [
    ("nothing installed", nothing),
    ("errors only", errors_only),
    ("unsampled", unsampled),
    ("timings", timings),
    ("sampled", sampled),
    ("completed", completed),
    ("serialised", serialised),
    ("error without stack", error_without_stack),
    ("error with stack", error_with_stack),
    ("threads", threads),
];

const CALLS: u64 = 2000;
/// Below one root, so that no peer reaches a limit of spans.
const BELOW: u64 = 500;

fn sample(name: &'static str, run: impl FnMut() -> f64 + 'static) -> Sample {
    (name, Box::new(run))
}

fn sync(child: fn(u64, u64) -> Result<u64, Refused>) -> impl FnMut() -> f64 {
    move || measure::calls(CALLS, child)
}

macro_rules! asynchronous {
    ($peer:ident, $calls:expr) => {
        measure::calls($calls, |a, b| ready($peer::child_async(a, b)))
    };
}

fn nothing(long: Duration) -> Times {
    minima(
        vec![
            sample("plain", sync(plain::child)),
            sample("ours", sync(ours::child)),
            sample("tracing", sync(traced::child)),
            sample("fastrace", sync(fast::child)),
            sample("hand", sync(hand::child)),
            sample("plain async", || asynchronous!(plain, CALLS)),
            sample("ours async", || asynchronous!(ours, CALLS)),
            sample("tracing async", || asynchronous!(traced, CALLS)),
            sample("fastrace async", || asynchronous!(fast, CALLS)),
        ],
        long,
    )
}

fn errors_only(long: Duration) -> Times {
    client::install(Kind { ours: true, ..Kind::default() });
    minima(
        vec![
            sample("ours", sync(ours::child)),
            sample("hand", sync(hand::child)),
            sample("ours async", || asynchronous!(ours, CALLS)),
            sample("hand async", || asynchronous!(hand, CALLS)),
            sample("ours below", || ours::root(|| measure::calls(CALLS, ours::child))),
        ],
        long,
    )
}

/// Every span is given to a reporter that drops it.
struct Dropped;
impl Reporter for Dropped {
    fn report(&mut self, _: Vec<SpanRecord>) {}
}

fn install_peers() {
    fastrace::set_reporter(Dropped, Config::default());
    let subscriber = tracing_subscriber::registry().with(sentry_tracing::SpanLayer::new());
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        eprintln!("another subscriber is there");
    }
}

fn unsampled(long: Duration) -> Times {
    client::install(Kind { rate: Some(0.0), ours: true, ..Kind::default() });
    install_peers();
    minima(
        vec![
            sample("ours", || ours::root(|| measure::calls(BELOW, ours::child))),
            sample("hand", || hand::root(|| measure::calls(BELOW, hand::child))),
            sample("tracing", || traced::root(|| measure::calls(BELOW, traced::child))),
            sample("fastrace", || fast::root(false, || measure::calls(BELOW, fast::child))),
            sample("ours async", || ours::root(|| asynchronous!(ours, BELOW))),
            sample("hand async", || hand::root(|| asynchronous!(hand, BELOW))),
            sample("ours root", || measure::times(200, || ours::root(|| {}))),
            sample("hand root", || measure::times(200, || hand::root(|| {}))),
            sample("ours 10", || {
                measure::times(100, || {
                    ours::root(|| measure::calls(10, ours::child));
                })
            }),
            sample("hand 10", || {
                measure::times(100, || {
                    hand::root(|| measure::calls(10, hand::child));
                })
            }),
        ],
        long,
    )
}

/// Not sampled, and the times of the calls are kept for errors and slow calls.
fn timings(long: Duration) -> Times {
    client::install(Kind { rate: Some(0.0), ours: true, timings: true, ..Kind::default() });
    minima(
        vec![
            sample("ours", || ours::root(|| measure::calls(BELOW, ours::child))),
            sample("hand", || hand::root(|| measure::calls(BELOW, hand::child))),
            sample("ours async", || ours::root(|| asynchronous!(ours, BELOW))),
            sample("hand async", || hand::root(|| asynchronous!(hand, BELOW))),
            sample("ours root", || measure::times(200, || ours::root(|| {}))),
            sample("ours 10", || {
                measure::times(100, || {
                    ours::root(|| measure::calls(10, ours::child));
                })
            }),
            sample("hand 10", || {
                measure::times(100, || {
                    hand::root(|| measure::calls(10, hand::child));
                })
            }),
        ],
        long,
    )
}

fn sampled(long: Duration) -> Times {
    client::install(Kind { rate: Some(1.0), ours: true, ..Kind::default() });
    install_peers();
    minima(
        vec![
            sample("ours", || ours::root(|| measure::calls(BELOW, ours::child))),
            sample("hand", || hand::root(|| measure::calls(BELOW, hand::child))),
            sample("tracing", || traced::root(|| measure::calls(BELOW, traced::child))),
            sample("fastrace", || fast::root(true, || measure::calls(BELOW, fast::child))),
            sample("ours async", || ours::root(|| asynchronous!(ours, BELOW))),
            sample("hand async", || hand::root(|| asynchronous!(hand, BELOW))),
            sample("tracing async", || traced::root(|| asynchronous!(traced, BELOW))),
            sample("fastrace async", || fast::root(true, || asynchronous!(fast, BELOW))),
            sample("ours root", || measure::times(200, || ours::root(|| {}))),
            sample("hand root", || measure::times(200, || hand::root(|| {}))),
        ],
        long,
    )
}

/// Sampled, with what delivery does on a thread of its own done on this one: all that a span costs the machine.
fn completed(long: Duration) -> Times {
    client::install(Kind { rate: Some(1.0), ours: true, completes: true, ..Kind::default() });
    minima(
        vec![
            sample("ours span", || {
                measure::times(20, || {
                    ours::root(|| measure::calls(100, ours::child));
                }) / 100.0
            }),
            sample("hand span", || {
                measure::times(20, || {
                    hand::root(|| measure::calls(100, hand::child));
                }) / 100.0
            }),
        ],
        long,
    )
}

fn serialised(long: Duration) -> Times {
    client::install(Kind { rate: Some(1.0), ours: true, serialise: true, ..Kind::default() });
    minima(
        vec![
            sample("ours 100", || {
                measure::times(20, || {
                    ours::root(|| measure::calls(100, ours::child));
                })
            }),
            sample("hand 100", || {
                measure::times(20, || {
                    hand::root(|| measure::calls(100, hand::child));
                })
            }),
        ],
        long,
    )
}

/// Each under a client as its `init` makes it, with what everybody has on an event: the machine, the system, the compiler.
fn error(long: Duration, backtrace: bool) -> Times {
    let failing = |hub: Arc<Hub>, fails: fn(u64) -> Result<u64, PaymentError>| {
        const ERRORS: u64 = 20;
        move || measure::times(1, || errors::failures(Arc::clone(&hub), ERRORS, fails)) / ERRORS as f64
    };
    minima(
        vec![
            sample("ours", failing(errors::ours(backtrace), errors::captures)),
            sample("hand", failing(errors::theirs(backtrace), errors::by_hand)),
        ],
        long,
    )
}

fn error_without_stack(long: Duration) -> Times {
    error(long, false)
}

fn error_with_stack(long: Duration) -> Times {
    error(long, true)
}

/// The slower of two threads that record at once, against one alone.
fn threads(long: Duration) -> Times {
    client::install(Kind { rate: Some(1.0), ours: true, ..Kind::default() });
    fn both(run: fn() -> f64) -> f64 {
        let barrier = Arc::new(Barrier::new(2));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let barrier = barrier.clone();
                std::thread::spawn(move || {
                    run();
                    barrier.wait();
                    // Long enough that both are at it for most of the time.
                    (0..20).map(|_| run()).fold(f64::INFINITY, f64::min)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(f64::NAN)).fold(0.0, f64::max)
    }
    fn one(run: fn() -> f64) -> f64 {
        std::thread::spawn(move || (0..20).map(|_| run()).fold(f64::INFINITY, f64::min)).join().unwrap_or(f64::NAN)
    }
    let ours: fn() -> f64 = || ours::root(|| measure::calls(BELOW, ours::child));
    let hand: fn() -> f64 = || hand::root(|| measure::calls(BELOW, hand::child));
    minima(
        vec![
            sample("ours one", move || one(ours)),
            sample("ours two", move || both(ours)),
            sample("hand one", move || one(hand)),
            sample("hand two", move || both(hand)),
        ],
        long,
    )
}
