//! Background jobs: outcome, attempts, what is held back and what is told, the trace through the queue.

use std::time::{Duration, SystemTime};

use sentry_core::protocol::{Context, MonitorCheckInStatus, MonitorSchedule, SpanStatus, Value};
use watchpost::testing::{Captured, CapturedSpan, capture, capture_async};
use watchpost::{Classify, TraceHeaders, capture_errors, monitored_task, publish, transaction};

#[derive(Debug, thiserror::Error, Classify)]
enum NotifyError {
    #[error("the provider is down")]
    #[classify(category = "notification")]
    Down,
    #[error("no such address")]
    #[classify(category = "notification", retry = "never")]
    NoAddress,
    #[error("nobody is interested")]
    #[classify(ignore)]
    Unsubscribed,
}

#[derive(Clone, Default)]
struct Job {
    id: u64,
    attempt: u32,
    enqueued_at: Option<SystemTime>,
    trace: TraceHeaders,
}

#[monitored_task("send_email", queue = "notifications", id = job.id, attempt = job.attempt, max_attempts = 3,
    enqueued_at = job.enqueued_at, trace = job.trace, category = "notification")]
async fn send_email(job: Job, outcome: Result<(), NotifyError>) -> Result<(), NotifyError> {
    tokio::task::yield_now().await;
    deliver(outcome).await
}

#[capture_errors(category = "delivery")]
async fn deliver(outcome: Result<(), NotifyError>) -> Result<(), NotifyError> {
    tokio::task::yield_now().await;
    outcome
}

#[monitored_task("send_sms", queue = "notifications", id = id, attempt = attempt, max_attempts = 3)]
fn send_sms(id: u64, attempt: u32, outcome: Result<(), NotifyError>) -> Result<(), NotifyError> {
    outcome
}

fn job(id: u64, attempt: u32) -> Job {
    Job { id, attempt, ..Job::default() }
}

fn status(captured: &Captured, at: usize) -> Option<&str> {
    captured.transactions[at].tags.get("task.status").map(String::as_str)
}

fn root<'a>(captured: &'a Captured, name: &str) -> &'a CapturedSpan {
    captured.spans.iter().find(|span| span.is_root && span.name == name).unwrap()
}

#[tokio::test]
async fn a_run_tells_what_the_queue_knows() {
    let captured = capture_async(async {
        let mut job = job(7, 2);
        job.enqueued_at = Some(SystemTime::now() - Duration::from_secs(3));
        send_email(job, Ok(())).await.unwrap();
    })
    .await;
    let run = root(&captured, "send_email");
    assert_eq!((run.op.as_str(), run.status), ("queue.process", Some(SpanStatus::Ok)));
    assert_eq!(run.data["messaging.destination.name"], "notifications");
    assert_eq!(run.data["messaging.message.id"], "7");
    assert_eq!(run.data["messaging.message.retry.count"], 1);
    let latency = run.data["messaging.message.receive.latency"].as_u64().unwrap();
    assert!((3000..60_000).contains(&latency), "{latency}");
    assert_eq!(status(&captured, 0), Some("ok"));
    assert_eq!(captured.transactions[0].tags["task.name"], "send_email");
    assert!(captured.events.is_empty());
}

#[tokio::test]
async fn earlier_attempts_are_quiet_and_the_last_tells_of_them() {
    let captured = capture_async(async {
        for attempt in 1..=3 {
            send_email(job(8, attempt), Err(NotifyError::Down)).await.unwrap_err();
        }
    })
    .await;
    let statuses: Vec<_> = (0..3).map(|at| status(&captured, at).unwrap()).collect();
    assert_eq!(statuses, ["retry", "retry", "error"]);
    let ends: Vec<_> = captured.spans_named("send_email").map(|span| span.status.unwrap()).collect();
    assert_eq!(ends, [SpanStatus::Aborted, SpanStatus::Aborted, SpanStatus::InternalError]);
    let [event] = &captured.events[..] else { panic!("{} events", captured.events.len()) };
    assert_eq!(event.exception.values[0].ty, "NotifyError::Down");
    assert_eq!(event.tags["task.name"], "send_email");
    let Some(Context::Other(task)) = event.contexts.get("task") else { panic!("no task context") };
    assert_eq!((&task["attempt"], &task["max_attempts"]), (&Value::from(3), &Value::from(3)));
    assert_eq!(task["earlier_attempts"].as_array().unwrap().len(), 2);
    let told: Vec<_> = event.breadcrumbs.iter().filter_map(|crumb| crumb.message.as_deref()).collect();
    assert!(told.iter().any(|text| text.starts_with("attempt 1 failed")), "{told:?}");
    assert!(told.iter().any(|text| text.contains("NotifyError::Down")), "{told:?}");
}

#[tokio::test]
async fn a_job_that_must_not_be_tried_again_is_reported_at_once() {
    let captured = capture_async(async {
        send_email(job(9, 1), Err(NotifyError::NoAddress)).await.unwrap_err();
    })
    .await;
    assert_eq!(captured.events.len(), 1);
    assert_eq!(status(&captured, 0), Some("error"));
}

#[test]
fn ignored_errors_are_no_events_in_any_attempt() {
    let captured = capture(|| {
        send_sms(10, 3, Err(NotifyError::Unsubscribed)).unwrap_err();
    });
    assert!(captured.events.is_empty());
    assert_eq!(status(&captured, 0), Some("error"));
}

#[test]
fn an_attempt_that_succeeds_after_failures_reports_nothing_and_forgets() {
    let captured = capture(|| {
        send_sms(11, 1, Err(NotifyError::Down)).unwrap_err();
        send_sms(11, 2, Ok(())).unwrap();
        // The same id later is another job: nothing of the first is told of it.
        send_sms(11, 3, Err(NotifyError::Down)).unwrap_err();
    });
    let [event] = &captured.events[..] else { panic!("{} events", captured.events.len()) };
    let Some(Context::Other(task)) = event.contexts.get("task") else { panic!("no task context") };
    assert!(!task.contains_key("earlier_attempts"));
    assert_eq!(task["attempts_not_seen_here"], 2);
}

#[monitored_task("recovers", attempt = attempt, max_attempts = 3)]
fn recovers(attempt: u32) {
    let _ = risky();
    let _ = attempt;
}

#[capture_errors(category = "delivery")]
fn risky() -> Result<(), NotifyError> {
    Err(NotifyError::Down)
}

#[test]
fn what_failed_below_an_attempt_that_ended_well_is_sent() {
    let captured = capture(|| recovers(1));
    assert_eq!(captured.events.len(), 1);
    assert_eq!(status(&captured, 0), Some("ok"));
}

#[monitored_task("breaks", attempt = 1, max_attempts = 3)]
fn breaks() -> Result<(), NotifyError> {
    panic!("out of cheese");
}

#[test]
fn a_panic_is_the_tasks_failure() {
    let captured = capture(|| {
        std::panic::catch_unwind(breaks).unwrap_err();
    });
    assert_eq!(status(&captured, 0), Some("panic"));
    assert_eq!(root(&captured, "breaks").status, Some(SpanStatus::InternalError));
}

#[tokio::test]
async fn a_task_that_is_dropped_was_cancelled() {
    #[monitored_task("waits")]
    async fn waits() {
        std::future::pending::<()>().await;
    }
    let captured = capture_async(async {
        let _ = tokio::time::timeout(Duration::from_millis(1), waits()).await;
    })
    .await;
    assert_eq!(status(&captured, 0), Some("cancelled"));
    assert_eq!(root(&captured, "waits").op, "task");
}

#[tokio::test]
async fn tags_set_inside_never_leak() {
    #[monitored_task("tags")]
    async fn tags(value: &'static str) {
        sentry_core::configure_scope(|scope| scope.set_tag("who", value));
        tokio::task::yield_now().await;
        sentry_core::capture_message(value, sentry_core::Level::Info);
    }
    let captured = capture_async(async {
        tokio::join!(tags("a"), tags("b"));
        sentry_core::capture_message("after", sentry_core::Level::Info);
    })
    .await;
    for event in &captured.events {
        let who = event.tags.get("who").map(String::as_str);
        let message = event.message.as_deref().unwrap();
        assert_eq!(who, (message != "after").then_some(message));
        assert_eq!(event.tags.contains_key("task.name"), message != "after");
    }
    assert_eq!(captured.events.len(), 3);
}

#[tokio::test]
async fn the_trace_goes_on_through_the_queue() {
    let captured = capture_async(async {
        let mut queue = Vec::new();
        transaction("http.server", "POST /appointments").run(|| {
            publish("notifications", |trace| queue.push(Job { id: 1, attempt: 1, trace, ..Job::default() }));
        });
        let message = serde_json::to_string(&queue[0].trace).unwrap();
        let trace: TraceHeaders = serde_json::from_str(&message).unwrap();
        send_email(Job { trace, ..queue.remove(0) }, Ok(())).await.unwrap();
    })
    .await;
    let published = captured.span("notifications").unwrap();
    assert_eq!(published.op, "queue.publish");
    let run = root(&captured, "send_email");
    assert_eq!((run.trace, run.parent), (published.trace, Some(published.id)));
    assert!(run.data.contains_key("messaging.message.receive.latency"), "the headers say when it was enqueued");
}

#[tokio::test]
async fn incoming_baggage_is_passed_on_as_it_came() {
    let incoming = TraceHeaders::from_pairs([
        ("sentry-trace", "771a43a4192642f0b136d5159a501700-7c51afd529da4a2a-1"),
        ("baggage", "other=1,sentry-trace_id=771a43a4192642f0b136d5159a501700,sentry-release=py%401"),
    ]);
    let captured = capture_async(async {
        let trace = incoming.clone();
        transaction("http.server", "GET /").continuing_headers(&trace).run(|| {
            let onward = TraceHeaders::current();
            assert_eq!(onward.baggage(), incoming.baggage());
            assert_eq!(onward.parent().unwrap().trace_id, incoming.parent().unwrap().trace_id);
        });
    })
    .await;
    assert_eq!(captured.transactions.len(), 1);
}

#[test]
fn the_head_of_a_trace_writes_the_sampling_context() {
    capture(|| {
        transaction("http.server", "GET /users/{id}").run(|| {
            let headers = TraceHeaders::current();
            let baggage = headers.baggage();
            assert_eq!(baggage.get("transaction"), Some("GET /users/{id}"));
            assert_eq!(baggage.get("sampled"), Some("true"));
            assert_eq!(baggage.get("trace_id"), Some(headers.parent().unwrap().trace_id.to_string()).as_deref());
            assert!(baggage.get("public_key").is_some());
        });
    });
}

#[monitored_task(
    "nightly_reminders",
    cron = "0 3 * * *",
    timezone = "Europe/Berlin",
    checkin_margin = "5m",
    max_runtime = "30m"
)]
async fn nightly(ok: bool) -> Result<(), NotifyError> {
    tokio::time::sleep(Duration::from_millis(2)).await;
    if ok { Ok(()) } else { Err(NotifyError::Down) }
}

#[tokio::test]
async fn scheduled_runs_check_in_each_for_itself() {
    let captured = capture_async(async {
        let _ = tokio::join!(nightly(true), nightly(false));
    })
    .await;
    let (open, closed): (Vec<_>, Vec<_>) =
        captured.check_ins.iter().partition(|check_in| check_in.status == MonitorCheckInStatus::InProgress);
    assert_eq!((open.len(), closed.len()), (2, 2));
    assert_ne!(open[0].check_in_id, open[1].check_in_id);
    let config = open[0].monitor_config.as_ref().unwrap();
    assert_eq!(config.schedule, MonitorSchedule::Crontab { value: "0 3 * * *".into() });
    assert_eq!((config.checkin_margin, config.max_runtime), (Some(5), Some(30)));
    assert_eq!(config.timezone.as_deref(), Some("Europe/Berlin"));
    for end in closed {
        assert!(open.iter().any(|begin| begin.check_in_id == end.check_in_id));
        assert!(end.duration.unwrap() > 0.0);
        assert_eq!(end.monitor_slug, "nightly_reminders");
    }
    let mut ends: Vec<_> = captured.check_ins.iter().map(|check_in| check_in.status).collect();
    ends.retain(|status| *status != MonitorCheckInStatus::InProgress);
    assert!(ends.contains(&MonitorCheckInStatus::Ok) && ends.contains(&MonitorCheckInStatus::Error));
}

#[test]
fn runs_are_measured_whatever_is_sampled() {
    let options = watchpost::testing::options().traces_sample_rate(0.0);
    let captured = watchpost::testing::capture_with(options, || {
        send_sms(12, 3, Err(NotifyError::Down)).unwrap_err();
    });
    assert!(captured.transactions.is_empty());
    assert_eq!(captured.events.len(), 1);
    let names: Vec<_> = captured.metrics.iter().map(|metric| metric.name.as_ref()).collect();
    assert!(names.contains(&"task.duration") && names.contains(&"task.completed"), "{names:?}");
}

#[test]
fn the_category_is_the_attributes_then_the_errors_then_task() {
    #[monitored_task("says_nothing")]
    fn says_nothing<E>(err: E) -> Result<(), E> {
        Err(err)
    }
    let captured = capture(|| {
        send_sms(13, 3, Err(NotifyError::Down)).unwrap_err();
        says_nothing("no error type of ours").unwrap_err();
    });
    let categories: Vec<_> = captured.events.iter().map(|event| event.tags["error.category"].as_str()).collect();
    assert_eq!(categories, ["notification", "task"]);
}

#[test]
fn a_field_is_set_from_inside() {
    #[monitored_task("counts", queue = "numbers")]
    fn counts() {
        watchpost::current_span().set_field("messaging.system", "redis");
    }
    let captured = capture(counts);
    assert_eq!(root(&captured, "counts").data["messaging.system"], "redis");
}

#[test]
fn a_killed_worker_is_told_by_the_next_attempt() {
    #[monitored_task("remind", queue = "appointments", id = 5, attempt = attempt, max_attempts = 3, lost = lost)]
    fn remind(attempt: u32, lost: Option<u8>) -> Result<(), NotifyError> {
        Ok(())
    }
    let captured = capture(|| {
        remind(1, None).unwrap();
        remind(2, Some(1)).unwrap();
    });
    let [lost] = &captured.events[..] else { panic!("{} events", captured.events.len()) };
    assert_eq!(lost.message.as_deref(), Some("Attempt lost: remind"));
    assert_eq!((lost.level, &*lost.tags["task.name"]), (sentry_core::Level::Warning, "remind"));
    assert_eq!(captured.span_of(lost).map(|span| span.name.as_str()), Some("remind"));
    assert_eq!(captured.transactions[1].tags["task.lost"], "1");
}
