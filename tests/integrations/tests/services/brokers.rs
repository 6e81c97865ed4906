//! Two processes and a broker between them: one trace, attempts by the broker's own count, and a worker that is killed in the middle
//! of a job. The processes are `src/bin/broker`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use watchpost_cli::receiver::{Item, Receiver};
use watchpost_integration_tests::{AMQP, NATS, POSTGRES, REDIS, Server};

/// Long enough for a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn redis() {
    a_job_is_followed_through("redis", "redis", REDIS);
}

#[test]
fn rabbitmq() {
    a_job_is_followed_through("amqp", "rabbitmq", AMQP);
}

#[test]
fn nats() {
    a_job_is_followed_through("nats", "nats", NATS);
}

#[test]
fn postgres() {
    a_job_is_followed_through("postgres", "postgresql", POSTGRES);
}

fn a_job_is_followed_through(broker: &'static str, system: &str, server: Server) {
    if server.url().is_none() {
        return;
    }
    let processes = Processes { broker, queue: format!("watchpost-test-{}", std::process::id()), receiver: receiver() };
    processes.run(&["produce", "ok:1", "recovers:2", "fails:3"]);
    processes.run(&["work", "3"]);
    processes.run(&["produce", "held:4"]);
    processes.kill_once_it_holds_a_job();
    processes.run(&["work", "1"]);

    let items = processes.items();
    let produced: Vec<&Value> = named(&items, "POST /appointments").collect();
    let published: Vec<&Value> = produced.iter().flat_map(|transaction| array(&transaction["spans"])).collect();
    let runs: Vec<Run<'_>> = named(&items, "remind").map(Run).collect();
    let told: Vec<_> = runs.iter().map(|run| (run.id(), run.retries(), run.status())).collect();
    // The killed worker's attempt leaves nothing: it is the one that is missing of job 4.
    let mut expected = vec![
        ("1", 0, "ok"),
        ("2", 0, "retry"),
        ("2", 1, "retry"),
        ("2", 2, "ok"),
        ("3", 0, "retry"),
        ("3", 1, "retry"),
        ("3", 2, "error"),
        ("4", 1, "ok"),
    ];
    let mut sorted = told.clone();
    sorted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(sorted, expected, "in the order of arrival: {told:?}");

    for run in &runs {
        let span = published.iter().find(|span| span["data"]["messaging.message.id"] == run.id()).unwrap();
        assert_eq!(span["op"], "queue.publish");
        assert_eq!(span["data"]["messaging.destination.name"], "appointments");
        assert_eq!(span["data"]["messaging.system"], system);
        // Another process, the same trace: every attempt hangs off the span that published the job.
        assert_eq!((run.trace(), &run.root()["parent_span_id"]), (&span["trace_id"], &span["span_id"]));
        assert_eq!(run.root()["op"], "queue.process");
        let data = &run.root()["data"];
        assert_eq!(
            (&data["messaging.destination.name"], &data["messaging.system"]),
            (&"appointments".into(), &system.into())
        );
        let latency = data["messaging.message.receive.latency"].as_u64().unwrap();
        assert!(latency < 60_000, "{latency} ms");
    }

    let events: Vec<&Value> = items.iter().filter(|item| item.kind == "event").filter_map(Item::json).collect();
    let [failed, lost] = &events[..] else { panic!("{} events: {events:#?}", events.len()) };
    assert_eq!(failed["exception"]["values"][0]["type"], "ReminderError::ProviderDown");
    assert_eq!(failed["tags"]["error.category"], "notification");
    let task = &failed["contexts"]["task"];
    assert_eq!((&task["id"], &task["attempt"], &task["max_attempts"]), (&"3".into(), &3.into(), &3.into()));
    assert_eq!(array(&task["earlier_attempts"]).count(), 2);

    // The attempt that was lost is told by the next one, in the job's trace.
    assert_eq!(text(lost, "message"), "Attempt lost: remind");
    assert_eq!((&lost["level"], &lost["contexts"]["task"]["lost_attempts"]), (&"warning".into(), &1.into()));
    let after = runs.iter().find(|run| run.id() == "4").unwrap();
    assert_eq!(after.0["tags"]["task.lost"], "1");
    assert_eq!(&lost["contexts"]["trace"]["trace_id"], after.trace());
    assert!(after.0["contexts"]["task"].get("attempts_not_seen_here").is_none(), "what was lost is known");

    let count = |name: &str, status: Option<&str>| -> u64 {
        let metrics = items.iter().filter(|item| item.kind == "trace_metric").filter_map(Item::json);
        let metrics = metrics.flat_map(|container| array(&container["items"])).filter(|metric| metric["name"] == name);
        let of_status =
            metrics.filter(|metric| status.is_none_or(|status| metric["attributes"]["task.status"]["value"] == status));
        of_status.map(|metric| metric["value"].as_f64().unwrap() as u64).sum()
    };
    assert_eq!(count("task.lost", None), 1);
    assert_eq!(["ok", "retry", "error"].map(|status| count("task.completed", Some(status))), [3, 4, 1]);
}

/// A transaction of the worker's.
struct Run<'a>(&'a Value);

impl<'a> Run<'a> {
    fn root(&self) -> &'a Value {
        &self.0["contexts"]["trace"]
    }
    fn trace(&self) -> &'a Value {
        &self.root()["trace_id"]
    }
    fn id(&self) -> &'a str {
        text(&self.root()["data"], "messaging.message.id")
    }
    fn retries(&self) -> u64 {
        self.root()["data"]["messaging.message.retry.count"].as_u64().unwrap()
    }
    fn status(&self) -> &'a str {
        text(&self.0["tags"], "task.status")
    }
}

fn named<'a>(items: &'a [Item], name: &'a str) -> impl Iterator<Item = &'a Value> {
    let transactions = items.iter().filter(|item| item.kind == "transaction").filter_map(Item::json);
    transactions.filter(move |transaction| transaction["transaction"] == name)
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().or_else(|| value[key]["formatted"].as_str()).unwrap_or_default()
}

fn receiver() -> Receiver {
    Receiver::start(0).unwrap()
}

/// The processes around one queue, and what they send.
struct Processes {
    broker: &'static str,
    queue: String,
    receiver: Receiver,
}

impl Processes {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_broker"));
        command
            .args([self.broker, &self.queue])
            .args(args)
            .env("SENTRY_DSN", self.receiver.dsn())
            .env("SENTRY_ENVIRONMENT", "test")
            .env("SENTRY_TRACES_SAMPLE_RATE", "1");
        command
    }

    fn run(&self, args: &[&str]) {
        let mut child = self.command(args).spawn().unwrap();
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            match child.try_wait().unwrap() {
                Some(status) => return assert!(status.success(), "broker {} {args:?}: {status}", self.broker),
                None if std::time::Instant::now() > deadline => {
                    kill(&mut child);
                    panic!("broker {} {args:?} has not come to an end", self.broker);
                }
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Without a chance to say anything: `SIGKILL`.
    fn kill_once_it_holds_a_job(&self) {
        let mut child = self.command(&["work", "1"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let read = BufReader::new(child.stdout.take().unwrap()).read_line(&mut line);
        kill(&mut child);
        assert_eq!((read.unwrap(), line.as_str()), (5, "held\n"));
    }

    /// Every process has sent what it had to say before it ended.
    fn items(&self) -> Vec<Item> {
        self.receiver.items()
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        let _ = self.command(&["remove"]).status();
    }
}

fn kill(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
