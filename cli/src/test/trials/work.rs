//! Performance, tasks, schedules.

use std::thread;
use std::time::Duration;

use watchpost::{TraceHeaders, current_span, metrics, monitor_performance, monitored_task};

use super::{Part, TestFailure};
use crate::test::expect::{all, count, expect, some, spans};

pub(super) fn performance() -> Part {
    #[monitor_performance("watchpost_test_performance", op = "test", slow = "5ms")]
    fn slow_operation() {
        watchpost::span("business.logic", "first_step").run(|| thread::sleep(Duration::from_millis(3)));
        watchpost::span("business.logic", "second_step").run(|| thread::sleep(Duration::from_millis(3)));
        current_span().set_measurement("watchpost.slots", 12.0, "none");
        metrics::count("watchpost.test", 1).attribute("kind", "performance").send();
    }
    Part {
        run: slow_operation,
        expected: vec![
            some("the transaction has its spans", "transaction", |transaction| {
                spans(transaction, "business.logic").count() == 2
            }),
            some("it has its measurement", "transaction", |transaction| {
                transaction["measurements"]["watchpost.slots"]["value"] == 12.0
            }),
            some("the slow operation is told", "event", |event| event.to_string().contains("Slow operation")),
            expect("the metric arrives", |items| items.iter().any(|item| item.kind.contains("metric"))),
        ],
        look_for: "the transaction `watchpost_test_performance`, `Slow operation: ..` and the metric `watchpost.test`",
    }
}

pub(super) fn tasks() -> Part {
    #[monitored_task("watchpost_test_task", queue = "watchpost-test", id = "job-1", attempt = attempt, max_attempts = 2, trace = trace.clone())]
    fn deliver(attempt: u32, trace: &TraceHeaders) -> Result<(), TestFailure> {
        if attempt == 0 || trace.is_empty() {
            return Ok(());
        }
        Err(TestFailure::new("watchpost test: the mail server does not answer"))
    }
    fn run() {
        let trace = watchpost::transaction("test", "watchpost_test_producer")
            .run(|| watchpost::publish("watchpost-test", |trace| trace));
        for attempt in 1..=2 {
            drop(deliver(attempt, &trace));
        }
    }
    fn trace_of(transaction: &serde_json::Value) -> &str {
        transaction["contexts"]["trace"]["trace_id"].as_str().unwrap_or_default()
    }
    Part {
        run,
        expected: vec![
            count("the producer and both attempts are transactions", "transaction", 3),
            expect("they are one trace", |items| {
                let mut traces: Vec<_> = all(items, "transaction").map(trace_of).collect();
                traces.dedup();
                traces.len() == 1
            }),
            some("putting it into the queue is a span", "transaction", |transaction| {
                spans(transaction, "queue.publish").count() == 1
            }),
            count("only the last attempt is an error", "event", 1),
            some("which is of the task", "event", |event| event["tags"]["task.name"] == "watchpost_test_task"),
        ],
        look_for: "one error of the task `watchpost_test_task`, and a trace from its producer to both attempts",
    }
}

pub(super) fn cron() -> Part {
    // Due once a year, so that nobody is told of a run that is missed before the monitor has been deleted.
    #[monitored_task("watchpost-test", cron = "0 0 1 1 *", max_runtime = "1m")]
    fn scheduled() {}
    Part {
        run: scheduled,
        expected: vec![
            count("two check-ins", "check_in", 2),
            some("the first says what the schedule is", "check_in", |check_in| {
                check_in["status"] == "in_progress" && check_in["monitor_config"]["schedule"]["value"] == "0 0 1 1 *"
            }),
            some("the second says how it ended", "check_in", |check_in| {
                check_in["status"] == "ok" && check_in["duration"].is_number()
            }),
            expect("both are of one run", |items| {
                let mut ids: Vec<_> =
                    all(items, "check_in").map(|check_in| check_in["check_in_id"].to_string()).collect();
                ids.dedup();
                ids.len() == 1
            }),
        ],
        look_for: "the monitor `watchpost-test`, which you may delete",
    }
}
