//! Tasks that no attribute stands on: `watchpost::task(..)`.

use std::time::{Duration, SystemTime};

use sentry_core::protocol::{Context, SpanStatus, Value};
use watchpost::task::Failure;
use watchpost::testing::{Captured, CapturedSpan, capture, capture_async};
use watchpost::{Classify, TraceHeaders, capture_errors, current_span, publish, task, transaction};

#[derive(Debug, thiserror::Error)]
enum NotifyError {
    #[error("the provider is down")]
    Down,
}

async fn fails() -> Result<(), NotifyError> {
    tokio::task::yield_now().await;
    Err(NotifyError::Down)
}

fn statuses(captured: &Captured) -> Vec<&str> {
    captured.transactions.iter().map(|transaction| transaction.tags["task.status"].as_str()).collect()
}

fn root<'a>(captured: &'a Captured, name: &str) -> &'a CapturedSpan {
    captured.spans.iter().find(|span| span.is_root && span.name == name).unwrap()
}

#[tokio::test]
async fn a_run_tells_what_the_attribute_would() {
    let captured = capture_async(async {
        let mut headers = TraceHeaders::default();
        transaction("http.server", "POST /").run(|| publish("notifications", |trace| headers = trace));
        let run = async {
            current_span().set_field("rows", 17);
            tokio::task::yield_now().await;
            Ok::<(), NotifyError>(())
        };
        let name = format!("send_{}", "email");
        let built = task(name).queue("notifications").id(7).attempt(Some(2u8)).max_attempts(5).field("shard", 3);
        let built = built.enqueued_at(SystemTime::now() - Duration::from_secs(3)).trace(&Some(&headers));
        built.instrument_result(run).await.unwrap();
    })
    .await;
    let published = captured.span("notifications").unwrap();
    let run = root(&captured, "send_email");
    assert_eq!((run.op.as_str(), run.status), ("queue.process", Some(SpanStatus::Ok)));
    assert_eq!((run.trace, run.parent), (published.trace, Some(published.id)));
    assert_eq!(run.data["messaging.destination.name"], "notifications");
    assert_eq!(run.data["messaging.message.id"], "7");
    assert_eq!(run.data["messaging.message.retry.count"], 1);
    assert!(run.data["messaging.message.receive.latency"].as_u64().unwrap() >= 3000);
    assert_eq!((&run.data["rows"], &run.data["shard"]), (&17.into(), &3.into()));
    let tags = &captured.transactions.last().unwrap().tags;
    assert_eq!((&*tags["task.name"], &*tags["task.status"]), ("send_email", "ok"));
}

#[tokio::test]
async fn without_a_queue_it_is_a_task() {
    let captured = capture_async(task("sweep").instrument(async {})).await;
    assert_eq!(root(&captured, "sweep").op, "task");
    assert_eq!(statuses(&captured), ["ok"]);
}

#[tokio::test]
async fn earlier_attempts_are_quiet_and_names_are_told_apart() {
    let captured = capture_async(async {
        for attempt in 1..=3 {
            let built = task("send_email").id(7).attempt(attempt).max_attempts(3).category("notification");
            built.instrument_result(fails()).await.unwrap_err();
            // Another task may have jobs of the same id.
            let other = task("send_sms").id(7).attempt(attempt).max_attempts(4);
            other.instrument_result(fails()).await.unwrap_err();
        }
    })
    .await;
    assert_eq!(statuses(&captured), ["retry", "retry", "retry", "retry", "error", "retry"]);
    let [event] = &captured.events[..] else { panic!("{} events", captured.events.len()) };
    assert_eq!(event.exception.values[0].ty, "NotifyError::Down");
    assert_eq!((&*event.tags["error.category"], &*event.tags["task.name"]), ("notification", "send_email"));
    let Some(Context::Other(task)) = event.contexts.get("task") else { panic!("no task context") };
    assert_eq!(task["earlier_attempts"].as_array().map(Vec::len), Some(2));
    let frames = event.exception.values[0].stacktrace.iter().flat_map(|stack| &stack.frames);
    assert!(frames.clone().all(|frame| frame.function.as_deref() != Some("")), "a task that was built is no frame");
}

#[test]
fn every_attempt_can_be_an_event() {
    let captured = capture(|| {
        let built = task("send_email").attempt(1).max_attempts(3).every_attempt();
        built.run_result(|| Err::<(), _>(NotifyError::Down)).unwrap_err();
    });
    assert_eq!((captured.events.len(), statuses(&captured)), (1, vec!["retry"]));
}

#[tokio::test]
async fn errors_of_annotated_functions_below_are_held_and_told_once() {
    #[capture_errors(category = "delivery")]
    async fn deliver() -> Result<(), NotifyError> {
        fails().await
    }
    let captured = capture_async(async {
        for attempt in 1..=2 {
            task("send").id(1).attempt(attempt).max_attempts(2).instrument_result(deliver()).await.unwrap_err();
        }
    })
    .await;
    let [event] = &captured.events[..] else { panic!("{} events", captured.events.len()) };
    assert_eq!(event.tags["error.category"], "delivery");
    let frames: Vec<_> = event.exception.values[0].stacktrace.iter().flat_map(|stack| &stack.frames).collect();
    assert!(frames.iter().any(|frame| frame.function.as_deref().is_some_and(|name| name.ends_with("deliver"))));
}

#[tokio::test]
async fn a_framework_may_say_that_there_is_no_other_attempt() {
    #[derive(Classify)]
    enum Words {
        #[classify(ignore)]
        Expected,
    }
    let captured = capture_async(async {
        let built = || task("send").attempt(1).max_attempts(3);
        let _ = built().instrument_by(fails(), |out| out.as_ref().err().map(|err| Failure::of(err).last())).await;
        static EXPECTED: Words = Words::Expected;
        let run =
            built().instrument_by(fails(), |out| out.as_ref().err().map(|err| Failure::of(err).classified(&EXPECTED)));
        let _ = run.await;
    })
    .await;
    assert_eq!(statuses(&captured), ["error", "retry"]);
    assert_eq!(captured.events.len(), 1, "an expected error is no event");
}

#[test]
fn panics_and_dropped_futures() {
    let captured = capture(|| {
        let run = || task("breaks").run(|| panic!("out of cheese"));
        std::panic::catch_unwind(run).unwrap_err();
        let mut never = std::pin::pin!(task("waits").instrument(std::future::pending::<()>()));
        let mut waking = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(never.as_mut().poll(&mut waking).is_pending());
    });
    assert_eq!(statuses(&captured), ["panic", "cancelled"]);
    assert_eq!(root(&captured, "breaks").status, Some(SpanStatus::InternalError));
}

#[test]
fn a_killed_worker_is_told_by_the_next_attempt_once() {
    let run = |attempt: u32| {
        task("send").id(3).attempt(attempt).max_attempts(4).lost(1).run_result(|| Err::<(), _>(NotifyError::Down))
    };
    let captured = capture(|| {
        run(2).unwrap_err();
        run(3).unwrap_err();
    });
    let [lost] = &captured.events[..] else { panic!("{} events", captured.events.len()) };
    assert_eq!(lost.message.as_deref(), Some("Attempt lost: send"));
    let Some(Context::Other(task)) = lost.contexts.get("task") else { panic!("no task context") };
    assert_eq!(task["lost_attempts"], 1);
    assert!(!task.contains_key("attempts_not_seen_here"));
    assert!(captured.transactions.iter().all(|transaction| transaction.tags["task.lost"] == "1"));
    let counted = captured.metrics.iter().filter(|metric| metric.name == "task.lost").count();
    assert_eq!(counted, 1);
}

#[test]
fn an_attempt_that_others_may_have_seen_is_not_said_to_be_lost() {
    let captured = capture(|| task("send").id(4).attempt(2).max_attempts(4).run(|| ()));
    assert!(captured.events.is_empty());
    let Some(Context::Other(task)) = captured.transactions[0].contexts.get("task") else { panic!("no task context") };
    assert_eq!(task["attempts_not_seen_here"], Value::from(1));
}

#[test]
fn a_job_has_no_attempts_of_other_jobs_before_it() {
    let run = |queue: &'static str, attempt: u32| {
        let built = task("send").queue(queue).id(5).attempt(attempt).max_attempts(3);
        built.run_result(|| Err::<(), _>(NotifyError::Down)).unwrap_err();
    };
    let captured = capture(|| {
        run("berlin", 1);
        run("berlin", 2);
        // Ids count from 1 in each queue, and anew where a queue was emptied: another worker has ended the job above.
        run("hamburg", 2);
        run("berlin", 1);
        run("berlin", 2);
    });
    let before = captured.transactions.iter().map(|transaction| match &transaction.contexts["task"] {
        Context::Other(task) => task.get("earlier_attempts").and_then(Value::as_array).map_or(0, Vec::len),
        _ => panic!("no task context"),
    });
    assert_eq!(before.collect::<Vec<_>>(), [0, 1, 0, 0, 1]);
}

#[test]
fn without_a_client_a_message_carries_nothing() {
    publish("notifications", |trace| assert!(trace.is_empty(), "{trace:?}"));
}

#[test]
fn a_name_that_is_a_url_is_not_passed_on() {
    let passed_on = || TraceHeaders::current().baggage().get("transaction").map(str::to_owned);
    let request = || transaction("http.server", "GET /users/alice").source("url");
    capture(|| {
        assert_eq!(request().run(passed_on), None);
        let named = request().run(|| {
            current_span().rename_transaction("GET /users/{name}", "route");
            passed_on()
        });
        assert_eq!(named.as_deref(), Some("GET /users/{name}"));
    });
}
