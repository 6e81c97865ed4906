//! Many jobs, several workers, failures: what is told of them must be exact, and must not pile up.
//!
//! `cargo run -p watchpost-tests --bin many_jobs [JOBS]`, 10,000 where nothing is said. Eight workers take jobs of which every fifth
//! fails: half of these once, half for good. Every hundredth job starts a scheduled run, of which every tenth fails. It prints what was
//! told beside what should have been, and fails where the two differ or where memory has grown.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]
#![cfg_attr(feature = "off", expect(unused, reason = "what only attributes name is used by nothing without them"))]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sentry_core::protocol::{EnvelopeItem, ItemContainer, MonitorCheckInStatus};
use sentry_core::{Client, ClientOptions, Envelope, Hub, Transport};
use tokio::sync::mpsc;
use watchpost::{Instrumentation, TraceHeaders, monitored_task, publish};

const WORKERS: usize = 8;
const MAX_ATTEMPTS: u32 = 3;
/// No job, but the sign that there are no more.
const LAST: u64 = 0;
/// How much more memory may be in use at the end than when a fifth of the jobs was done, in KiB. A quarter of a KiB that
/// each job leaves behind for good would be seen.
const GROWTH: i64 = 2048;

#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error("the provider is down")]
    Down,
}

struct Job {
    number: u64,
    attempt: u32,
    trace: TraceHeaders,
}

#[monitored_task("job", queue = "jobs", id = job.number, attempt = job.attempt, max_attempts = MAX_ATTEMPTS, trace = job.trace)]
async fn work(job: &Job) -> Result<(), JobError> {
    tokio::task::yield_now().await;
    match job.number % 10 {
        0 => Err(JobError::Down),
        5 if job.attempt == 1 => Err(JobError::Down),
        _ => Ok(()),
    }
}

#[monitored_task("sweep", cron = "*/5 * * * *")]
async fn sweep(run: u64) -> Result<(), JobError> {
    tokio::task::yield_now().await;
    if run.is_multiple_of(10) { Err(JobError::Down) } else { Ok(()) }
}

/// What was told, by kind.
#[derive(Debug, Clone, Default)]
struct Counting(Arc<Mutex<BTreeMap<String, u64>>>);

impl Counting {
    fn counts(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, item: &EnvelopeItem) {
        let add = |kind: String| *self.counts().entry(kind).or_default() += 1;
        match item {
            EnvelopeItem::Event(_) => add("events".to_owned()),
            EnvelopeItem::Transaction(transaction) => {
                let status = transaction.tags.get("task.status").map_or("none", String::as_str);
                add(format!("transactions {} {status}", transaction.name.as_deref().unwrap_or_default()));
            }
            EnvelopeItem::MonitorCheckIn(check_in) => add(format!(
                "check-ins {}",
                match check_in.status {
                    MonitorCheckInStatus::InProgress => "in_progress",
                    MonitorCheckInStatus::Ok => "ok",
                    MonitorCheckInStatus::Error => "error",
                    _ => "other",
                }
            )),
            EnvelopeItem::ItemContainer(ItemContainer::Metrics(metrics)) => {
                for metric in metrics.iter().filter(|metric| metric.name == "task.completed") {
                    let _ = metric;
                    add("metric task.completed".to_owned());
                }
            }
            _ => {}
        }
    }
}

impl Transport for Counting {
    fn send_envelope(&self, envelope: Envelope) {
        envelope.items().for_each(|item| self.count(item));
    }
}

fn main() -> ExitCode {
    let jobs = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(10_000);
    let counting = Counting::default();
    // On a machine that does much else a poll may take long for reasons that are not ours.
    let instrumentation = Instrumentation::new().blocked_after(None);
    let mut options = ClientOptions::new().traces_sample_rate(1.0).add_integration(instrumentation);
    options.dsn = "https://public@sentry.invalid/1".parse().ok();
    options.transport = Some(Arc::new({
        let counting = counting.clone();
        move |_: &ClientOptions| -> Arc<dyn Transport> { Arc::new(counting.clone()) }
    }));
    let client = Arc::new(Client::with_options(options));
    Hub::main().bind_client(Some(client.clone()));

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).build();
    let grown = match runtime {
        Ok(runtime) => runtime.block_on(run(jobs)),
        Err(err) => {
            println!("no runtime: {err}");
            return ExitCode::FAILURE;
        }
    };
    // Metrics wait in a batch.
    client.flush(None);

    let mut good = true;
    let told = counting.counts();
    println!("{jobs} jobs, {WORKERS} workers\n{:<26} {:>8} {:>8}", "", "told", "expected");
    for (kind, expected) in expected(jobs) {
        let told = told.get(kind).copied().unwrap_or_default();
        good &= told == expected;
        println!("{kind:<26} {told:>8} {expected:>8}{}", if told == expected { "" } else { "  WRONG" });
    }
    let known: BTreeMap<&str, u64> = expected(jobs).into_iter().collect();
    for (kind, told) in told.iter().filter(|(kind, _)| !known.contains_key(kind.as_str())) {
        good = false;
        println!("{kind:<26} {told:>8} {:>8}  WRONG", 0);
    }
    match grown {
        Some(grown) => {
            good &= grown <= GROWTH;
            println!(
                "memory after a fifth to memory at the end: {grown:+} KiB{}",
                if grown <= GROWTH { "" } else { "  TOO MUCH" }
            );
        }
        None => println!("memory: not told by this system"),
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What must have been told: every tenth job fails for good, and every tenth once; each is published in a transaction of its own.
fn expected(jobs: u64) -> [(&'static str, u64); 11] {
    let (lost, late, runs) = (jobs / 10, jobs / 10, jobs / 100);
    let (ok, retry) = (jobs - lost, lost * u64::from(MAX_ATTEMPTS - 1) + late);
    let failed_runs = runs / 10;
    [
        ("transactions jobs none", jobs),
        ("transactions job ok", ok),
        ("transactions job retry", retry),
        ("transactions job error", lost),
        ("transactions sweep ok", runs - failed_runs),
        ("transactions sweep error", failed_runs),
        ("events", lost + failed_runs),
        ("check-ins in_progress", runs),
        ("check-ins ok", runs - failed_runs),
        ("check-ins error", failed_runs),
        ("metric task.completed", ok + retry + lost + runs),
    ]
}

/// Runs all jobs; tells how much memory has grown, in KiB.
async fn run(jobs: u64) -> Option<i64> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let receiver = Arc::new(tokio::sync::Mutex::new(receiver));
    let ended = Arc::new(AtomicU64::new(0));
    let early = Arc::new(Mutex::new(None));
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..WORKERS {
        let (sender, receiver, ended, early) = (sender.clone(), receiver.clone(), ended.clone(), early.clone());
        workers.spawn(async move {
            loop {
                // The next job is put into the queue for one that has come to its end, so that the queue itself does not grow.
                let job: Option<Job> = receiver.lock().await.recv().await;
                let Some(mut job) = job.filter(|job| job.number != LAST) else { return };
                if work(&job).await.is_err() && job.attempt < MAX_ATTEMPTS {
                    job.attempt += 1;
                    let _ = sender.send(job);
                    continue;
                }
                if job.number.is_multiple_of(100) {
                    let _ = sweep(job.number / 100).await;
                }
                let ended = ended.fetch_add(1, Ordering::Relaxed) + 1;
                if ended == jobs / 5 {
                    *early.lock().unwrap_or_else(PoisonError::into_inner) = resident();
                }
                if ended == jobs {
                    // One for each.
                    for _ in 0..WORKERS {
                        let _ = sender.send(Job { number: LAST, attempt: 1, trace: TraceHeaders::default() });
                    }
                }
                let next = job.number + WORKERS as u64;
                if next <= jobs {
                    push(&sender, next);
                }
            }
        });
    }
    (1..=jobs.min(WORKERS as u64)).for_each(|number| push(&sender, number));
    drop(sender);
    workers.join_all().await;
    let early = early.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    Some(resident()? - early)
}

fn push(queue: &mpsc::UnboundedSender<Job>, number: u64) {
    publish("jobs", |trace| {
        let _ = queue.send(Job { number, attempt: 1, trace });
    });
}

/// The memory of this process, in KiB.
fn resident() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}
