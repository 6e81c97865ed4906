//! Times of one thread, side by side: the machine's moods strike all peers alike, and the minimum of many rounds is what
//! the code costs.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::peers::Refused;

/// A named sample: runs the peer once and gives the time of one operation in nanoseconds.
pub type Sample = (&'static str, Box<dyn FnMut() -> f64>);

/// Takes every sample in turn for so long and gives each one's minimum.
pub fn minima(mut samples: Vec<Sample>, long: Duration) -> BTreeMap<&'static str, f64> {
    let mut minima: BTreeMap<&'static str, f64> = BTreeMap::new();
    let begun = Instant::now();
    let mut rounds = 0;
    while begun.elapsed() < long || rounds < 50 {
        for (name, sample) in &mut samples {
            let took = sample();
            let least = minima.entry(name).or_insert(f64::INFINITY);
            *least = least.min(took);
        }
        rounds += 1;
    }
    minima
}

/// The time of one of `calls` calls. The results are consumed as scalars: a `Result` that goes through memory costs some peers a
/// stall that has nothing to do with them.
pub fn calls(calls: u64, mut child: impl FnMut(u64, u64) -> Result<u64, Refused>) -> f64 {
    let begun = Instant::now();
    let mut sum = 0_u64;
    for a in 0..calls {
        match child(black_box(a), black_box(1)) {
            Ok(b) => sum = sum.wrapping_add(b),
            Err(Refused(b)) => sum = sum.wrapping_sub(b),
        }
    }
    black_box(sum);
    begun.elapsed().as_nanos() as f64 / calls as f64
}

/// The time of one of `times` runs of anything.
pub fn times(times: u64, mut run: impl FnMut()) -> f64 {
    let begun = Instant::now();
    for _ in 0..times {
        run();
    }
    begun.elapsed().as_nanos() as f64 / times as f64
}

/// Polls a future that is ready at once. Always inlined: whether a future is moved into a call of its own would else depend on
/// how large its code happens to be, and the move costs more than some of the polls.
#[inline(always)]
pub fn ready<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(out) = future.as_mut().poll(&mut context) {
            return out;
        }
    }
}
