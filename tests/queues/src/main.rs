//! One job through each of these queues, on PostgreSQL and on a stand-in for Faktory's server: it fails once, is tried again, and both attempts
//! must be in the trace of whoever enqueued it. Not part of CI, for what these crates drag in; run it with
//!
//! ```console
//! $ cargo run --manifest-path tests/queues/Cargo.toml
//! ```

mod faktory;
mod faktory_server;
mod fang;
mod sqlxmq;
mod underway;

use std::future::Future;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use serde_json::Value;
use sqlx::PgPool;
use watchpost::transaction;
use watchpost_cli::receiver::{Item, Receiver};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Why the first attempt fails.
#[derive(Debug, thiserror::Error)]
#[error("the provider is down")]
struct Down;

/// A database of its own, made anew.
const DATABASE: &str = "watchpost_queues";

#[tokio::main]
async fn main() -> Result<ExitCode, Error> {
    let receiver = Receiver::start(0)?;
    let variables = [("SENTRY_DSN", receiver.dsn()), ("SENTRY_TRACES_SAMPLE_RATE", "1".to_owned())];
    let guard = watchpost::Config::from_vars(variables)?.init()?;
    let url = database().await?;
    let pool = PgPool::connect(&url).await?;

    println!("{:<10} {:<10} {:<9} {:<7} one trace", "queue", "attempts", "statuses", "events");
    let queues = [
        ("faktory", request(faktory::run()).await),
        ("fang", request(fang::run(&url, &pool)).await),
        ("sqlxmq", request(sqlxmq::run(&pool)).await),
        ("underway", request(underway::run(&pool)).await),
    ];
    drop(guard);
    let mut good = true;
    for (queue, ran) in queues {
        ran.map_err(|err| format!("{queue}: {err}"))?;
        good &= told(queue, &receiver.items());
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What enqueues a job does so in a transaction; then a worker runs for some seconds.
async fn request(queue: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    match tokio::time::timeout(Duration::from_secs(60), queue).await {
        Ok(result) => result,
        Err(_) => Err("the job has not come to its end within a minute".into()),
    }
}

/// Puts a job into a queue, as a request would.
async fn enqueue<T>(
    queue: &'static str,
    job: impl AsyncFnOnce(watchpost::TraceHeaders) -> Result<T, Error>,
) -> Result<T, Error> {
    let publish = watchpost::publish_async(queue, |trace| async move { job(trace).await });
    transaction("http.server", format!("POST /{queue}")).instrument(publish).await
}

/// Prints what came of a queue's job; tells whether it is what should have.
fn told(queue: &str, items: &[Item]) -> bool {
    let transactions: Vec<&Value> =
        items.iter().filter(|item| item.kind == "transaction").filter_map(Item::json).collect();
    let runs: Vec<&&Value> =
        transactions.iter().filter(|transaction| transaction["tags"]["task.name"] == queue).collect();
    let request = transactions.iter().find(|transaction| transaction["transaction"] == format!("POST /{queue}"));
    let statuses: Vec<&str> = runs.iter().filter_map(|run| run["tags"]["task.status"].as_str()).collect();
    let trace = |transaction: &Value| transaction["contexts"]["trace"]["trace_id"].clone();
    let one = request.is_some_and(|request| runs.iter().all(|run| trace(run) == trace(request)));
    let events = items.iter().filter(|item| item.kind == "event").filter_map(Item::json);
    let events = events.filter(|event| event["tags"]["task.name"] == queue).count();
    println!("{queue:<10} {:<10} {:<9} {events:<7} {one}", runs.len(), statuses.join(","));
    // Where the attempt cannot be told, each failure is an event.
    let expected = if queue == "faktory" { ["retry", "ok"] } else { ["error", "ok"] };
    statuses == expected && one && events == usize::from(queue != "faktory")
}

async fn database() -> Result<String, Error> {
    let url = std::env::var("WATCHPOST_TEST_POSTGRES_URL")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned());
    let pool = PgPool::connect(&url).await?;
    sqlx::query(&format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")).execute(&pool).await?;
    sqlx::query(&format!("CREATE DATABASE {DATABASE}")).execute(&pool).await?;
    let server = url.rsplit_once('/').map_or(url.as_str(), |(server, _)| server);
    Ok(format!("{server}/{DATABASE}"))
}

/// The sources of a crate, for the migrations that it asks its users to copy.
fn sources_of(name: &str) -> Result<PathBuf, Error> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--manifest-path", manifest])
        .output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let package = packages.into_iter().find(|package| package["name"] == name).ok_or("no such crate")?;
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap_or_default());
    Ok(manifest.parent().ok_or("no folder")?.to_owned())
}
