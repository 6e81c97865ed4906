//! Counts what does not depend on the machine's mood: instructions (by callgrind, where it is installed) and allocations of
//! one operation, and what an open span holds. Fails where a limit is passed, and where `CI` is set also if nothing can be counted:
//! the gate of CI.
#![expect(clippy::print_stdout, reason = "the counts are the purpose")]

use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use sentry_core::Hub;
use watchpost_bench::client::{self, Kind};
use watchpost_bench::errors;
use watchpost_bench::measure::{self, ready};
use watchpost_bench::peers::{fast, hand, ours, plain, traced};

/// What is counted: how to set the process up, one operation, and the greatest numbers allowed of instructions and of
/// allocations; none where it is only told.
struct Case {
    name: &'static str,
    setup: fn(),
    /// Runs so many operations.
    run: fn(u64),
    instructions: Option<u64>,
    allocations: Option<f64>,
}

fn nothing() {}
fn errors_only() {
    client::install(Kind { ours: true, ..Kind::default() });
}
fn unsampled() {
    client::install(Kind { rate: Some(0.0), ours: true, ..Kind::default() });
    install_fast();
}
fn timings() {
    client::install(Kind { rate: Some(0.0), ours: true, timings: true, ..Kind::default() });
}
/// As delivery does it on the thread that ends a root.
fn sampled() {
    install_sampled(Kind { rate: Some(1.0), ours: true, ..Kind::default() });
}
/// With what delivery does on a thread of its own.
fn completed() {
    install_sampled(Kind { rate: Some(1.0), ours: true, completes: true, ..Kind::default() });
}
fn install_sampled(kind: Kind) {
    client::install(kind);
    install_fast();
    // The first transaction of a client finds out how spans are handed over.
    ours::root(|| {});
}
fn install_fast() {
    struct Dropped;
    impl fastrace::collector::Reporter for Dropped {
        fn report(&mut self, _: Vec<fastrace::collector::SpanRecord>) {}
    }
    fastrace::set_reporter(Dropped, fastrace::collector::Config::default());
}

/// So many calls below roots, few enough for each that no limit is reached.
fn below(calls: u64, root: impl Fn(u64)) {
    let mut left = calls;
    while left > 0 {
        let now = left.min(500);
        root(now);
        left -= now;
    }
}

macro_rules! cases {
    ($($name:literal, $setup:ident, $instructions:expr, $allocations:expr, |$n:ident| $run:expr;)*) => {
        const CASES: &[Case] = &[$(Case {
            name: $name,
            setup: $setup,
            run: |$n| { $run; },
            instructions: $instructions,
            allocations: $allocations,
        },)*];
    };
}

cases! {
    "plain", nothing, None, None, |n| counted(|| measure::calls(n, plain::child));
    "nothing installed, ours", nothing, Some(45), Some(0.0), |n| counted(|| measure::calls(n, ours::child));
    "nothing installed, tracing", nothing, None, None, |n| counted(|| measure::calls(n, traced::child));
    "nothing installed, fastrace", nothing, None, None, |n| counted(|| measure::calls(n, fast::child));
    "nothing installed, ours async", nothing, Some(85), Some(0.0),
        |n| counted(|| measure::calls(n, |a, b| ready(ours::child_async(a, b))));
    "nothing installed, tracing async", nothing, None, None,
        |n| counted(|| measure::calls(n, |a, b| ready(traced::child_async(a, b))));
    "errors only, ours", errors_only, Some(120), Some(0.0), |n| counted(|| measure::calls(n, ours::child));
    "errors only, ours async", errors_only, Some(285), Some(0.0),
        |n| counted(|| measure::calls(n, |a, b| ready(ours::child_async(a, b))));
    "unsampled child, ours", unsampled, Some(147), Some(0.0),
        |n| counted(|| below(n, |n| { ours::root(|| measure::calls(n, ours::child)); }));
    "unsampled child, ours, times kept", timings, Some(275), Some(0.0),
        |n| counted(|| below(n, |n| { ours::root(|| measure::calls(n, ours::child)); }));
    "unsampled child, fastrace", unsampled, None, None,
        |n| counted(|| below(n, |n| { fast::root(false, || measure::calls(n, fast::child)); }));
    "sampled child, ours", sampled, Some(300), Some(0.0), |n| child_only(n, ours_root, ours::child);
    "sampled child, fastrace", sampled, None, None, |n| child_only(n, fast_root, fast::child);
    "sampled child, hand", sampled, None, None, |n| child_only(n, hand_root, hand::child);
    "a span, root's end included, ours", completed, Some(2_000), Some(2.04),
        |n| counted(|| below(n, |n| { ours::root(|| measure::calls(n, ours::child)); }));
    "a span, root's end included, hand", sampled, None, None,
        |n| counted(|| below(n, |n| { hand::root(|| measure::calls(n, hand::child)); }));
    "sampled root alone, ours", sampled, Some(16_300), Some(20.0), |n| counted(|| measure::times(n, || ours::root(|| {})));
    "sampled root alone, ours, completed", completed, Some(23_000), Some(31.0),
        |n| counted(|| measure::times(n, || ours::root(|| {})));
    "sampled root alone, hand", sampled, None, None, |n| counted(|| measure::times(n, || hand::root(|| {})));
    "unsampled root alone, ours", unsampled, Some(8_300), Some(6.0), |n| counted(|| measure::times(n, || ours::root(|| {})));
    "unsampled root alone, hand", unsampled, None, None, |n| counted(|| measure::times(n, || hand::root(|| {})));
    "an error, plain", nothing, None, None, |n| failures(errors::theirs(false), n, errors::plain);
    "an error ignored, ours", nothing, Some(500), Some(0.0), |n| failures(errors::ours(false), n, errors::ignores);
    "an error event, ours", nothing, Some(43_000), Some(55.0), |n| failures(errors::ours(false), n, errors::captures);
    "an error event, hand", nothing, None, None, |n| failures(errors::theirs(false), n, errors::by_hand);
    "an error event, hand, without images", nothing, None, None,
        |n| failures(errors::theirs_without_images(), n, errors::by_hand);
    "an error event with stack, ours", nothing, Some(200_000), Some(130.0), |n| failures(errors::ours(true), n, errors::captures);
    "an error event with stack, hand", nothing, None, None, |n| failures(errors::theirs(true), n, errors::by_hand);
}

/// Failures under a client, without its making and without the first, which finds out what is kept for the others.
fn failures(hub: Arc<Hub>, n: u64, call: fn(u64) -> Result<u64, errors::PaymentError>) {
    errors::failures(hub.clone(), 3, call);
    counted(|| errors::failures(hub, n, call));
}

/// What an open span holds, the room that a growing stack of them has in reserve included.
const OPEN: &str = "bytes per open span";
const BYTES_OPEN: f64 = 128.0;

type Child = fn(u64, u64) -> Result<u64, watchpost_bench::peers::Refused>;
fn ours_root(inside: &mut dyn FnMut()) {
    ours::root(inside);
}
fn hand_root(inside: &mut dyn FnMut()) {
    hand::root(inside);
}
fn fast_root(inside: &mut dyn FnMut()) {
    fast::root(true, inside);
}

/// The children of roots, without the roots.
fn child_only(n: u64, root: fn(&mut dyn FnMut()), child: Child) {
    below(n, |n| {
        root(&mut || {
            counted(|| measure::calls(n, child));
        });
    });
}

/// What callgrind counts, or the allocator.
#[inline(never)]
fn counted<R>(f: impl FnOnce() -> R) {
    let run = || {
        std::hint::black_box(f());
    };
    if COUNTS_ALLOCATIONS.load(Relaxed) {
        ALLOCATIONS.fetch_add(allocation_counter::measure(run).count_total, Relaxed);
    } else {
        run();
    }
}
static COUNTS_ALLOCATIONS: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, n] = arguments.as_slice() {
        let Some(case) = CASES.iter().find(|case| case.name == name) else { return ExitCode::FAILURE };
        let n = n.parse().unwrap_or(1);
        (case.setup)();
        if flag == "--bytes" {
            // The most that was held at once. Frames are alike in all states; here nothing else is kept.
            let held = allocation_counter::measure(|| {
                std::hint::black_box(ours::root(|| ours::deep(n)));
            });
            println!("{}", held.bytes_max);
        } else if flag == "--allocations" {
            // The first root has buffers to make.
            (case.run)(500);
            COUNTS_ALLOCATIONS.store(true, Relaxed);
            (case.run)(n);
            println!("{}", ALLOCATIONS.load(Relaxed));
        } else {
            (case.run)(n);
        }
        return ExitCode::SUCCESS;
    }
    let only = arguments.first();
    let mut failed = false;
    // A gate that cannot see is none.
    let must_count = std::env::var_os("CI").is_some();
    println!("{:40} {:>12} {:>8} {:>12} {:>8}", "case", "instructions", "limit", "allocations", "limit");
    for case in CASES.iter().filter(|case| only.is_none_or(|only| case.name.contains(only.as_str()))) {
        let instructions = match (instructions(case.name, 100), instructions(case.name, 900)) {
            (Some(few), Some(many)) => Some(many.saturating_sub(few) / 800),
            _ => None,
        };
        let allocations = match (allocations(case.name, 100), allocations(case.name, 900)) {
            (Some(few), Some(many)) => Some((many - few) / 800.0),
            _ => None,
        };
        let over =
            |counted: Option<f64>, limit: Option<f64>| matches!((counted, limit), (Some(c), Some(l)) if c > l + 0.02);
        let bad = over(instructions.map(|i| i as f64), case.instructions.map(|i| i as f64))
            || over(allocations, case.allocations)
            || (must_count && case.instructions.is_some() && instructions.is_none());
        failed |= bad;
        println!(
            "{:40} {:>12} {:>8} {:>12} {:>8} {}",
            case.name,
            instructions.map_or_else(|| "-".to_owned(), |counted| counted.to_string()),
            case.instructions.map_or_else(String::new, |limit| limit.to_string()),
            allocations.map_or_else(|| "-".to_owned(), |counted| format!("{counted:.2}")),
            case.allocations.map_or_else(String::new, |limit| limit.to_string()),
            if bad { "OVER" } else { "" }
        );
    }
    if only.is_none_or(|only| OPEN.contains(only.as_str())) {
        let held = |depth| told(&["--bytes", "unsampled child, ours", depth]);
        let bytes = held("100").zip(held("900")).map(|(few, many)| (many - few) / 800.0);
        let bad = bytes.is_none_or(|bytes| bytes > BYTES_OPEN);
        failed |= bad;
        let bytes = bytes.map_or_else(|| "-".to_owned(), |bytes| format!("{bytes:.0}"));
        println!("\n{OPEN}: {bytes}, limit {BYTES_OPEN} {}", if bad { "OVER" } else { "" });
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// All instructions of a process that does so many operations.
fn instructions(case: &str, n: u64) -> Option<u64> {
    let myself = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*count::counted*"])
        .arg(myself)
        .args(["--instructions", case, &n.to_string()])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = told.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.parse().ok()
}

fn allocations(case: &str, n: u64) -> Option<f64> {
    told(&["--allocations", case, &n.to_string()])
}

/// What a process with these arguments says.
fn told(arguments: &[&str]) -> Option<f64> {
    let myself = std::env::current_exe().ok()?;
    let output = Command::new(myself).args(arguments).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}
