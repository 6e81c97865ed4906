//! Jobs of apalis: its own retries, its storage in SQLite, its memory.

use std::time::Duration;

use apalis::layers::WorkerBuilderExt as _;
use apalis::layers::retry::RetryPolicy;
use apalis::prelude::*;
use apalis_sqlite::{SqlitePool, SqliteStorage};
use sentry_core::protocol::{Context, SpanStatus, Value};
use watchpost::apalis::{MonitorLayer, TraceMetadata};
use watchpost::testing::{Captured, CapturedSpan, capture_async};
use watchpost::{Classify, capture_errors, publish_async, transaction};

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Email {
    to: String,
}

#[derive(Debug, thiserror::Error, Classify)]
enum SendError {
    #[error("the provider is down")]
    #[classify(category = "notification")]
    Down(#[source] std::io::Error),
    #[error("no such address")]
    #[classify(category = "notification", retry = "never")]
    NoAddress,
}

async fn send_email(email: Email, attempt: Attempt, worker: WorkerContext) -> Result<(), SendError> {
    tokio::task::yield_now().await;
    match email.to.as_str() {
        "late" if attempt.current() == 2 => {
            let _ = worker.stop();
            Ok(())
        }
        "nobody" => {
            let _ = worker.stop();
            Err(SendError::NoAddress)
        }
        "panics" => {
            let _ = worker.stop();
            panic!("out of cheese");
        }
        _ => {
            if attempt.current() == 3 {
                let _ = worker.stop();
            }
            Err(SendError::Down(std::io::Error::other("connection refused")))
        }
    }
}

#[capture_errors(category = "delivery", args(address))]
async fn deliver(address: &str) -> Result<(), SendError> {
    Err(SendError::Down(std::io::Error::other(address.len().to_string())))
}

async fn send_annotated(email: Email, attempt: Attempt, worker: WorkerContext) -> Result<(), SendError> {
    if attempt.current() == 3 {
        let _ = worker.stop();
    }
    deliver(&email.to).await
}

fn job(to: &str, trace: watchpost::TraceHeaders) -> Task<Email> {
    let email = Email { to: to.to_owned() };
    TaskBuilder::new(email).metadata(&TraceMetadata::from(trace)).build()
}

fn layer() -> MonitorLayer {
    MonitorLayer::new("send_email").max_attempts(3)
}

/// Puts a job into a fresh storage, inside a transaction.
async fn pushed(to: &str) -> MemoryStorage<Email> {
    let mut storage = MemoryStorage::new();
    let push = publish_async("emails", |trace| storage.push_task(job(to, trace)));
    transaction("http.server", "POST /appointments").instrument(push).await.unwrap();
    storage
}

async fn run_in_memory(to: &'static str) -> Captured {
    capture_async(async {
        let storage = pushed(to).await;
        let worker = WorkerBuilder::new("mailer").backend(storage).retry(RetryPolicy::retries(2));
        let worker = worker.catch_panic().layer(layer().classify::<SendError>()).build(send_email);
        let _ = tokio::time::timeout(Duration::from_secs(20), worker.run()).await;
    })
    .await
}

fn runs(captured: &Captured) -> Vec<&CapturedSpan> {
    captured.spans.iter().filter(|span| span.is_root && span.op == "queue.process").collect()
}

fn statuses(captured: &Captured) -> Vec<&str> {
    captured.transactions.iter().filter_map(|transaction| Some(transaction.tags.get("task.status")?.as_str())).collect()
}

#[tokio::test]
async fn only_the_last_attempts_error_is_an_event() {
    let captured = run_in_memory("alice").await;
    assert_eq!(statuses(&captured), ["retry", "retry", "error"]);
    let [event] = &captured.events[..] else { panic!("{} events", captured.events.len()) };
    let types: Vec<&str> = event.exception.values.iter().map(|exception| exception.ty.as_str()).collect();
    assert_eq!(types.last(), Some(&"SendError::Down"), "the handler's own type: {types:?}");
    assert_eq!(event.exception.values.last().unwrap().value.as_deref(), Some("the provider is down"));
    assert_eq!(event.exception.values[0].value.as_deref(), Some("connection refused"), "and its chain");
    assert_eq!(event.tags["error.category"], "notification");
    let Some(Context::Other(task)) = event.contexts.get("task") else { panic!("no task context") };
    assert_eq!((&task["attempt"], &task["max_attempts"]), (&Value::from(3), &Value::from(3)));
    assert_eq!(task["earlier_attempts"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn every_attempt_continues_the_producers_trace() {
    let captured = run_in_memory("alice").await;
    let published = captured.spans.iter().find(|span| span.op == "queue.publish").unwrap();
    let runs = runs(&captured);
    assert_eq!(runs.len(), 3);
    for (retries, run) in runs.iter().enumerate() {
        assert_eq!((run.trace, run.parent), (published.trace, Some(published.id)));
        assert_eq!(run.name, "send_email");
        assert_eq!(run.data["messaging.message.retry.count"], retries as u64);
        assert_eq!(run.data["messaging.message.id"], runs[0].data["messaging.message.id"]);
        assert!(run.data.contains_key("messaging.message.receive.latency"));
        assert!(run.data.contains_key("messaging.destination.name"));
    }
    let ends: Vec<_> = runs.iter().map(|run| run.status.unwrap()).collect();
    assert_eq!(ends, [SpanStatus::Aborted, SpanStatus::Aborted, SpanStatus::InternalError]);
}

#[tokio::test]
async fn a_retry_that_helps_leaves_no_event() {
    let captured = run_in_memory("late").await;
    assert_eq!((statuses(&captured), captured.events.len()), (vec!["retry", "ok"], 0));
}

#[tokio::test]
async fn what_must_not_be_tried_again_is_reported_at_once() {
    let captured = run_in_memory("nobody").await;
    assert_eq!(statuses(&captured)[0], "error");
    assert_eq!(captured.events[0].exception.values[0].ty, "SendError::NoAddress");
}

#[tokio::test]
async fn a_panic_is_the_attempts_failure() {
    let captured = run_in_memory("panics").await;
    assert_eq!(statuses(&captured)[0], "panic");
}

#[tokio::test]
async fn what_the_handler_captures_itself_is_held_and_told_once() {
    let captured = capture_async(async {
        let storage = pushed("alice").await;
        let worker = WorkerBuilder::new("mailer").backend(storage).retry(RetryPolicy::retries(2));
        let worker = worker.layer(layer()).build(send_annotated);
        let _ = tokio::time::timeout(Duration::from_secs(20), worker.run()).await;
    })
    .await;
    assert_eq!(statuses(&captured), ["retry", "retry", "error"]);
    let [event] = &captured.events[..] else { panic!("{} events", captured.events.len()) };
    assert_eq!(
        (event.exception.values.last().unwrap().ty.as_str(), &*event.tags["error.category"]),
        ("SendError::Down", "delivery")
    );
}

#[tokio::test]
async fn aborting_is_no_type_of_error() {
    async fn gives_up(_: Email, worker: WorkerContext) -> Result<(), AbortError> {
        let _ = worker.stop();
        Err(AbortError::new(SendError::NoAddress))
    }
    let captured = capture_async(async {
        let storage = pushed("alice").await;
        let worker = WorkerBuilder::new("mailer").backend(storage).layer(layer().error::<SendError>()).build(gives_up);
        let _ = tokio::time::timeout(Duration::from_secs(20), worker.run()).await;
    })
    .await;
    assert_eq!(statuses(&captured), ["error"], "there is no other attempt, and this is told at the first");
    assert_eq!(captured.events[0].exception.values.last().unwrap().ty, "SendError::NoAddress");
}

/// Runs a job of which the storage counts the attempts, in a fresh database; nothing, if the worker does not come to its end.
///
/// On a busy machine apalis-sqlite 1.0.0 now and then leaves a job at `Running` for good, without any layer as well.
async fn run_in_sqlite(database: usize) -> Option<Captured> {
    let mut ended = false;
    let captured = capture_async(async {
        let file = std::env::temp_dir().join(format!("watchpost-apalis-{}-{database}.db", std::process::id()));
        let pool = SqlitePool::connect(&format!("sqlite://{}?mode=rwc", file.display())).await.unwrap();
        SqliteStorage::setup(&pool).await.unwrap();
        let mut storage = SqliteStorage::<Email>::new(&pool);
        let push = publish_async("emails", |trace| {
            let email = Email { to: "alice".to_owned() };
            let job = TaskBuilder::new(email).max_attempts(3);
            storage.push_task(job.metadata(&TraceMetadata::from(trace)).build())
        });
        transaction("http.server", "POST /appointments").instrument(push).await.unwrap();
        let worker = WorkerBuilder::new("mailer").backend(storage);
        let worker = worker.layer(MonitorLayer::new("send_email").queue("emails")).build(send_email);
        ended = tokio::time::timeout(Duration::from_secs(15), worker.run()).await.is_ok();
        pool.close().await;
        let _ = std::fs::remove_file(file);
    })
    .await;
    ended.then_some(captured)
}

#[tokio::test]
async fn attempts_counted_by_the_storage() {
    let mut captured = None;
    for database in 0..5 {
        captured = run_in_sqlite(database).await;
        if captured.is_some() {
            break;
        }
    }
    let captured = captured.expect("a worker that comes to its end");
    // Each attempt is taken from the database anew; how many there may be is the job's own word.
    assert_eq!(statuses(&captured), ["retry", "retry", "error"]);
    let runs = runs(&captured);
    let published = captured.spans.iter().find(|span| span.op == "queue.publish").unwrap();
    for (retries, run) in runs.iter().enumerate() {
        assert_eq!(
            (run.trace, run.data["messaging.message.retry.count"].as_u64()),
            (published.trace, Some(retries as u64))
        );
        assert_eq!(run.data["messaging.destination.name"], "emails");
    }
    assert_eq!(captured.events.len(), 1);
}
