//! Job frameworks on their own servers: a job that is tried twice, in the trace of whoever enqueued it. The processes are
//! `src/bin/framework`.

use std::process::Command;

use serde_json::Value;
use watchpost_cli::receiver::{Item, Receiver};
use watchpost_integration_tests::{POSTGRES, REDIS};

#[test]
fn graphile_worker() {
    if POSTGRES.url().is_some() {
        a_job_is_tried_twice("graphile", "send_email");
    }
}

#[test]
fn sidekiq() {
    if REDIS.url().is_some() {
        a_job_is_tried_twice("sidekiq", "SendEmail");
    }
}

fn a_job_is_tried_twice(framework: &str, task: &str) {
    let items = run(framework);
    let published = of_kind(&items, "transaction")
        .find(|transaction| transaction["transaction"] == "POST /appointments")
        .map(|transaction| &transaction["spans"][0])
        .unwrap();
    let runs: Vec<&Value> = of_kind(&items, "transaction").filter(|run| run["tags"]["task.name"] == task).collect();
    let told: Vec<_> = runs.iter().map(|run| (&run["tags"]["task.status"], retries(run))).collect();
    assert_eq!(told, [(&"retry".into(), Some(0)), (&"ok".into(), Some(1))]);
    for run in runs {
        let root = &run["contexts"]["trace"];
        assert_eq!((&root["trace_id"], &root["parent_span_id"]), (&published["trace_id"], &published["span_id"]));
        assert_eq!(root["op"], "queue.process");
        assert!(root["data"]["messaging.message.id"].is_string(), "{root}");
        assert!(root["data"]["messaging.message.receive.latency"].as_u64().is_some_and(|latency| latency < 60_000));
        assert_eq!(run["contexts"]["task"]["max_attempts"], 3);
    }
    assert_eq!(of_kind(&items, "event").count(), 0, "the last attempt went well");
}

#[test]
fn tokio_cron_scheduler() {
    let items = run("cron");
    // Runs may overlap on a slow machine: what belongs together is told by the id.
    let check_ins: Vec<&Value> = of_kind(&items, "check_in").collect();
    let begun: Vec<&Value> = check_ins.iter().copied().filter(|check_in| check_in["status"] == "in_progress").collect();
    let end = |begin: &Value| {
        let same =
            |check_in: &&&Value| check_in["check_in_id"] == begin["check_in_id"] && check_in["duration"].is_f64();
        check_ins.iter().find(same).map(|check_in| check_in["status"].clone())
    };
    assert!(begun.len() >= 2, "{check_ins:?}");
    assert_eq!((end(begun[0]), end(begun[1])), (Some("error".into()), Some("ok".into())));
    for begin in begun {
        assert_eq!(begin["monitor_slug"], "sweep");
        let config = &begin["monitor_config"];
        assert_eq!(config["schedule"]["value"], "* * * * *", "five fields, as Sentry takes them");
        assert_eq!((&config["timezone"], &config["max_runtime"]), (&"Etc/UTC".into(), &5.into()));
    }
    let failed: Vec<&Value> = of_kind(&items, "event").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["contexts"]["task"]["schedule"], "* * * * *");
}

/// What a framework's process sends from its beginning to its end.
fn run(framework: &str) -> Vec<Item> {
    let receiver = Receiver::start(0).unwrap();
    let name = format!("watchpost-test-{framework}-{}", std::process::id());
    let status = Command::new(env!("CARGO_BIN_EXE_framework"))
        .args([framework, &name])
        .env("SENTRY_DSN", receiver.dsn())
        .env("SENTRY_ENVIRONMENT", "test")
        .env("SENTRY_TRACES_SAMPLE_RATE", "1")
        .status()
        .unwrap();
    assert!(status.success(), "{framework}: {status}");
    receiver.items()
}

fn of_kind<'a>(items: &'a [Item], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    items.iter().filter(move |item| item.kind == kind).filter_map(Item::json)
}

fn retries(run: &Value) -> Option<u64> {
    run["contexts"]["trace"]["data"]["messaging.message.retry.count"].as_u64()
}
