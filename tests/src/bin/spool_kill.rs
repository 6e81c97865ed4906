//! Kills a program with a spool at random instants, and counts what the server got of what the program had captured.
//!
//! `cargo run -p watchpost-tests --bin spool_kill [KILLS [SEED]]`. It prints one line, and fails when an event was lost that had
//! been captured for more than a second, when one is corrupt, or when one came twice though the answer to the first try
//! could be read.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use sentry_core::ClientOptions;
use sentry_core::protocol::Event;
use watchpost::Guard;
use watchpost::delivery::{Delivery, Settings, Spool};
use watchpost_tests::server::{Mode, Server};

/// What was captured for as long as this may not be lost.
const SAFE: Duration = Duration::from_secs(1);

/// An answer that was sent this shortly before a kill may not have been read.
const CUT_OFF: Duration = Duration::from_millis(300);

/// What every message is made of, so that a changed one is noticed.
fn message(n: u64) -> String {
    format!("event {n} {}", format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).repeat(40))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    if let (Some("child"), [_, dsn, folder, _]) = (arguments.first().map(String::as_str), &arguments[..]) {
        return child(dsn, Path::new(folder), number(3));
    }
    let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(1, |since| since.as_nanos() as u64);
    kill(number(0).unwrap_or(200), number(1).unwrap_or(clock % 1_000_000))
}

/// Captures event after event from this one on and says of each that it was captured; or, without a number, drains the spool.
fn child(dsn: &str, folder: &Path, first: Option<u64>) -> ExitCode {
    let spool = Spool::new(folder).max_bytes(1 << 30);
    let delivery = Delivery::new(Settings { store: Some(spool.into()), ..Settings::default() });
    let guard = Guard::bind(ClientOptions::new().dsn(dsn).shutdown_timeout(Duration::from_secs(1)), delivery);
    let Some(first) = first else {
        let until = Instant::now() + Duration::from_secs(120);
        let mut quiet = 0;
        while Instant::now() < until && quiet < 5 {
            let report = guard.flush(Duration::from_secs(10));
            quiet = if report.pending == 0 { quiet + 1 } else { 0 };
            thread::sleep(Duration::from_millis(300));
        }
        return ExitCode::SUCCESS;
    };
    let mut out = std::io::stdout().lock();
    for n in first.. {
        sentry_core::capture_event(Event { message: Some(message(n)), ..Event::default() });
        if writeln!(out, "{n}").and_then(|()| out.flush()).is_err() {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    ExitCode::FAILURE
}

fn spawn(server: &Server, folder: &Path, first: Option<u64>) -> std::io::Result<Child> {
    let first = first.map_or_else(|| "drain".to_owned(), |n| n.to_string());
    Command::new(std::env::current_exe()?)
        .args(["child", &server.dsn()])
        .arg(folder)
        .arg(first)
        .stdout(Stdio::piped())
        .spawn()
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// How the server is during one life of the program: well in half of them.
    fn mode(&mut self) -> Vec<Mode> {
        let busy = || Mode::Status(429, vec![("Retry-After", "1")]);
        match self.below(12) {
            0 => vec![Mode::Status(500, vec![])],
            1 => vec![Mode::Close],
            2 => vec![Mode::Reset],
            3 => vec![Mode::ok(), Mode::ok(), Mode::Hang],
            4 => vec![busy(), Mode::ok()],
            5 => vec![Mode::Slow(Duration::from_millis(20))],
            6 => vec![Mode::Status(500, vec![]), Mode::Close, Mode::ok()],
            _ => vec![Mode::ok()],
        }
    }
}

fn kill(kills: u64, seed: u64) -> ExitCode {
    let folder = std::env::temp_dir().join(format!("watchpost-spool-kill-{}", std::process::id()));
    let server = Server::start();
    let mut random = Random(seed);
    // Each event captured, with its age at the kill of its program.
    let mut captured = BTreeMap::new();
    let mut kill_times = Vec::new();
    let mut next = 0;
    for _ in 0..kills {
        server.answer(random.mode());
        let Ok(mut program) = spawn(&server, &folder, Some(next)) else { return ExitCode::FAILURE };
        let said: Arc<Mutex<Vec<(u64, Instant)>>> = Arc::default();
        let theirs = Arc::clone(&said);
        let out = program.stdout.take();
        let listener = thread::spawn(move || {
            for line in BufReader::new(out?).lines() {
                let n = line.ok()?.parse().ok()?;
                theirs.lock().unwrap_or_else(PoisonError::into_inner).push((n, Instant::now()));
            }
            Some(())
        });
        thread::sleep(Duration::from_micros(50_000 + random.below(2_450_000)));
        let at = Instant::now();
        // SIGKILL, where there are signals.
        let _ = program.kill();
        kill_times.push(at);
        let _ = program.wait();
        let _ = listener.join();
        for (n, when) in said.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            captured.insert(*n, at.saturating_duration_since(*when));
            next = next.max(n + 2);
        }
        // The one that may be under way is nobody's.
        next += 1;
    }
    server.answer([Mode::ok()]);
    if let Ok(mut last) = spawn(&server, &folder, None) {
        let _ = last.wait();
    }
    let verdict = judge(&server, &captured, &kill_times);
    println!("kills {kills}, seed {seed}: {verdict}");
    let left = files(&folder);
    if left > 0 {
        println!("{left} files left in {}", folder.display());
        return ExitCode::FAILURE;
    }
    let _ = std::fs::remove_dir_all(folder);
    if verdict.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            if entry.path().is_dir() {
                files(&entry.path())
            } else {
                usize::from(entry.path().extension().is_none_or(|e| e != "lock"))
            }
        })
        .sum()
}

struct Verdict {
    captured: usize,
    safe: usize,
    arrived: usize,
    lost: usize,
    lost_young: usize,
    oldest_lost: Duration,
    corrupt: usize,
    twice_cut_off: usize,
    twice: usize,
}

impl Verdict {
    fn holds(&self) -> bool {
        self.lost + self.corrupt + self.twice == 0
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "captured {}, of them more than a second before a kill {}, arrived {}, lost {} \
             (younger ones {}, the oldest of them {} ms), corrupt {}, twice {} \
             (and {} whose answer a kill cut off)",
            self.captured,
            self.safe,
            self.arrived,
            self.lost,
            self.lost_young,
            self.oldest_lost.as_millis(),
            self.corrupt,
            self.twice,
            self.twice_cut_off
        )
    }
}

fn judge(server: &Server, captured: &BTreeMap<u64, Duration>, kills: &[Instant]) -> Verdict {
    // When each event was taken by the server, its answer being one of success.
    let mut taken: BTreeMap<u64, Vec<Instant>> = BTreeMap::new();
    let mut corrupt = server.broken();
    for request in server.requests() {
        let ok = matches!(request.mode, Mode::Status(200, _) | Mode::Slow(_));
        for item in request.items.iter().filter(|item| item.header["type"] == "event") {
            let text = item.payload["message"].as_str().unwrap_or_default();
            let n = text.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok());
            match n {
                Some(n) if message(n) == text => {
                    if ok {
                        taken.entry(n).or_default().push(request.at);
                    }
                }
                _ => corrupt += 1,
            }
        }
    }
    let (mut twice, mut twice_cut_off) = (0, 0);
    for times in taken.values() {
        for time in &times[..times.len() - 1] {
            let cut = kills.iter().any(|kill| *kill + CUT_OFF > *time && *time + CUT_OFF > *kill);
            *(if cut { &mut twice_cut_off } else { &mut twice }) += 1;
        }
    }
    let lost: Vec<_> = captured.iter().filter(|(n, _)| !taken.contains_key(n)).map(|(_, age)| *age).collect();
    let lost_old = lost.iter().filter(|age| **age > SAFE).count();
    Verdict {
        captured: captured.len(),
        safe: captured.values().filter(|age| **age > SAFE).count(),
        arrived: taken.len(),
        lost: lost_old,
        lost_young: lost.len() - lost_old,
        oldest_lost: lost.into_iter().max().unwrap_or_default(),
        corrupt,
        twice_cut_off,
        twice,
    }
}
