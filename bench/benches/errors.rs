//! What an error costs, beside plain functions and `sentry` by hand.
//!
//! `cargo bench -p watchpost-bench --bench errors` prints nanoseconds an error, the least of many rounds, ours and the peer's in turn,
//! with their ratio and what it may be at most. The transport drops what it gets, for both alike.
#![expect(clippy::print_stdout, reason = "a table is what it is for")]

use std::sync::Arc;
use std::time::Instant;

use sentry_core::Hub;
use watchpost_bench::errors::{
    self, PaymentError, by_hand, captures, failures, ignores, plain, theirs, theirs_without_images,
};

const ROUNDS: usize = 40;

/// A client, and what is called under it.
type Side = (Arc<Hub>, fn(u64) -> Result<u64, PaymentError>);

/// Nanoseconds a call, below a few frames as a real program has them.
#[inline(never)]
fn time((hub, call): &Side, calls: u64) -> f64 {
    let start = Instant::now();
    failures(Arc::clone(hub), calls, *call);
    start.elapsed().as_nanos() as f64 / calls as f64
}

struct Row {
    name: &'static str,
    calls: u64,
    ours: Side,
    peer: Side,
}

impl Row {
    fn measure(&self) -> (f64, f64) {
        let mut least = (f64::MAX, f64::MAX);
        for _ in 0..ROUNDS {
            least.0 = least.0.min(time(&self.ours, self.calls));
            least.1 = least.1.min(time(&self.peer, self.calls));
        }
        least
    }
}

fn main() {
    // `cargo test --benches` runs it too, and is not to wait.
    if std::env::args().all(|argument| argument != "--bench") {
        return;
    }
    let ours = errors::ours;
    println!("{:<42} {:>10} {:>10} {:>8}   at most", "ns an error", "ours", "peer", "ratio");
    let ignored =
        Row { name: "ignored, plain", calls: 20_000, ours: (ours(false), ignores), peer: (ours(false), plain) };
    let (own, peer) = ignored.measure();
    println!("{:<42} {own:>10.1} {peer:>10.1} {:>8}   50 more", ignored.name, format!("+{:.1}", own - peer));
    let row = |name, calls, stack, peer| Row { name, calls, ours: (ours(stack), captures), peer: (peer, by_hand) };
    for (row, most) in [
        (row("event, by hand", 500, false, theirs(false)), "1"),
        (row("event, by hand, without the loaded images", 500, false, theirs_without_images()), ""),
        (row("event and stack, by hand", 20, true, theirs(true)), "0.3"),
    ] {
        let (own, peer) = row.measure();
        println!("{:<42} {own:>10.0} {peer:>10.0} {:>8.3}   {most}", row.name, own / peer);
    }
}
