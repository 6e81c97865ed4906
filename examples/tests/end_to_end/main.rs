//! The example as a user runs it: the binary, its real port, envelopes over HTTP, what is in them, and its exit codes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod cache;
mod logs;
mod notifications;
#[path = "../planted/mod.rs"]
mod planted;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::OnceLock;

use planted::Planted;
use serde_json::Value;
use watchpost_cli::receiver::{Item, Receiver, Request};
use watchpost_cli::report::{ErrorGroup, Report, Trace};

const DAY: &str = include_str!("../../data/requests.jsonl");

/// The program with nothing in its environment that could tell it where to send, or where a cache is.
fn example(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchpost-examples"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SENTRY_") || name == "REDIS_URL") {
        command.env_remove(name);
    }
    command.args(arguments).envs(variables.iter().copied()).output().unwrap()
}

/// What came of one run of the bundled day.
struct Run {
    items: Vec<Item>,
    requests: Vec<Request>,
    report: Report,
}

impl Run {
    fn of(variables: &[(&str, &str)]) -> Self {
        let receiver = Receiver::start(0).unwrap();
        let dsn = receiver.dsn();
        let sent = [("SENTRY_DSN", &*dsn), ("SENTRY_ENVIRONMENT", "staging"), ("SENTRY_TRACES_SAMPLE_RATE", "1")];
        let output = example(&[], &[&sent[..], variables].concat());
        assert!(output.status.success(), "{output:?}");
        let (items, requests) = (receiver.items(), receiver.requests());
        Self { report: Report::new(&items, &requests), items, requests }
    }

    /// The spans of an operation, as they came.
    fn spans(&self, op: &str) -> impl Iterator<Item = &Value> {
        let transactions = self.items.iter().filter(|item| item.kind == "transaction").filter_map(Item::json);
        transactions.flat_map(|t| t["spans"].as_array().into_iter().flatten()).filter(move |span| span["op"] == op)
    }
}

/// The one that is shared by the tests that look at what came of it.
fn run() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| Run::of(&[]))
}

fn day() -> impl Iterator<Item = Value> {
    DAY.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn expected(method: &str, path: &str, status: u64) -> usize {
    let matches = |request: &Value| request["path"].as_str().unwrap().starts_with(path) && request["method"] == method;
    day().filter(|request| matches(request) && request["expect"] == status).count()
}

fn count(name: &str) -> usize {
    run().report.transactions.iter().filter(|stats| stats.name == name).map(|stats| stats.count).sum()
}

fn group(kind: &str) -> &'static ErrorGroup {
    let groups = &run().report.errors;
    let found = groups.iter().find(|group| group.kind == kind);
    found.unwrap_or_else(|| panic!("no {kind} in {:?}", groups.iter().map(|group| &group.kind).collect::<Vec<_>>()))
}

#[test]
fn every_request_but_health_checks_is_a_transaction_by_its_route() {
    let requests = day().filter(|request| request["path"] != "/health").count();
    let transactions = run().report.transactions.iter().filter(|stats| stats.op == "http.server");
    assert_eq!(transactions.map(|stats| stats.count).sum::<usize>(), requests);
    let bookings = day().filter(|r| r["method"] == "POST" && r["path"] == "/api/v1/appointments").count();
    assert_eq!(count("POST /api/v1/appointments"), bookings);
    assert!(run().items.iter().filter(|item| item.kind == "transaction").count() > 300);
    for stats in &run().report.transactions {
        assert!(!stats.name.chars().any(|c| c.is_ascii_digit() && c != '1'), "{} is one of very many", stats.name);
    }
}

#[test]
fn every_answer_of_the_service_is_on_its_transaction() {
    let mut expected: BTreeMap<u64, usize> = BTreeMap::new();
    for request in day().filter(|request| request["path"] != "/health") {
        *expected.entry(request["expect"].as_u64().unwrap()).or_default() += 1;
    }
    let mut told: BTreeMap<u64, usize> = BTreeMap::new();
    for transaction in run().items.iter().filter(|item| item.kind == "transaction").filter_map(Item::json) {
        let trace = &transaction["contexts"]["trace"];
        if let Some(status) = trace["data"]["http.response.status_code"].as_u64() {
            *told.entry(status).or_default() += 1;
            assert_eq!(trace["status"] == "ok", status < 400, "{status}: {}", trace["status"]);
        }
    }
    assert_eq!(told, expected);
}

#[test]
fn errors_are_groups_by_type_with_category_level_and_count() {
    let refused = |status| expected("POST", "/api/v1/appointments", status);
    let someone_elses =
        expected("GET", "/api/v1/appointments/", 403) + expected("DELETE", "/api/v1/appointments/", 403);
    for (kind, category, level, count) in [
        ("BookingError::SlotTaken", "booking", "warning", refused(409)),
        ("BookingError::NotYours", "security", "warning", someone_elses),
        ("PaymentError::Declined", "payment", "warning", refused(402)),
        ("AuthError::NotOwner", "security", "warning", 1),
    ] {
        let group = group(kind);
        assert_eq!(
            (group.category.as_deref(), group.level.as_str(), group.count),
            (Some(category), level, count),
            "{kind}"
        );
    }
    assert!(group("NotifyError::Refused").category.as_deref() == Some("notification"));
    assert!(group("CalendarError::Revoked").category.as_deref() == Some("integration"));
}

#[test]
fn a_payment_error_tells_its_context_its_stack_and_nothing_of_the_card() {
    let declined = group("PaymentError::Declined");
    assert_eq!(declined.contexts["payment"]["currency"], "EUR");
    assert_eq!(declined.contexts["payment"]["operation"], "charge");
    assert!(declined.contexts["booking"]["service_id"].is_number());
    let stack: Vec<_> = declined.frames.iter().map(|frame| frame.function.rsplit("::").next().unwrap()).collect();
    assert_eq!(stack[..2], ["process_payment", "create_booking"]);
    let said = |item: &Item| item.json().map(Value::to_string).unwrap_or_default();
    let redacted = |item: &Item| said(item).contains("card [REDACTED] was not accepted");
    assert_eq!(
        run().items.iter().filter(|item| redacted(item)).count(),
        declined.count - 1,
        "one number was no card's"
    );
}

/// The one trace, and the place in it, of the first span that `is` so.
fn find(traces: &[Trace], is: impl Fn(&Trace, usize) -> bool) -> (&Trace, usize) {
    let found = traces.iter().find_map(|trace| Some((trace, (0..trace.rows.len()).find(|row| is(trace, *row))?)));
    found.expect("no such span in any trace")
}

/// The spans above one, innermost first.
fn above(trace: &Trace, row: usize) -> Vec<&str> {
    let mut depth = trace.rows[row].depth;
    let mut names = Vec::new();
    for above in trace.rows[..row].iter().rev() {
        if above.depth < depth {
            depth = above.depth;
            names.push(above.name.as_str());
        }
    }
    names
}

#[test]
fn a_trace_goes_from_the_request_to_the_query_the_provider_and_the_worker() {
    let traces = &run().report.traces;
    let (trace, query) = find(traces, |trace, row| {
        trace.rows[row].op == "db.query" && trace.rows[row].name.starts_with("INSERT INTO appointments")
    });
    assert_eq!(above(trace, query), ["booking_creation", "POST /api/v1/appointments"]);
    let is_charge = |trace: &Trace, row: usize| {
        trace.rows[row].op == "http.client" && trace.rows[row].name.ends_with("/v1/charges")
    };
    let (trace, charge) = find(traces, is_charge);
    assert_eq!(above(trace, charge), ["payment_processing", "booking_creation", "POST /api/v1/appointments"]);
    let (trace, task) = find(traces, |trace, row| trace.rows[row].name == "send_email_notification");
    let queue = above(trace, task);
    assert_eq!(trace.rows[task].op, "queue.process");
    assert!(queue.ends_with(&["booking_creation", "POST /api/v1/appointments"]), "{queue:?}");
}

#[test]
fn statements_are_told_without_values_and_the_pool_with_its_use() {
    let statements = &run().report.statements;
    let insert = statements.iter().find(|one| one.statement.starts_with("INSERT INTO appointments")).unwrap();
    assert_eq!(insert.system.as_deref(), Some("sqlite"));
    assert!(insert.count > 0 && insert.failed == 0 && insert.longest > 0.0, "{insert:?}");
    assert!(statements.iter().all(|one| !one.statement.contains('\'')), "a literal: {statements:?}");
    assert!(statements.is_sorted_by(|a, b| a.p95 >= b.p95), "the slowest first");
    let session = |trace: &Trace, row: usize| trace.rows[row].op == "db.session";
    let (trace, at) = find(&run().report.traces, session);
    assert!(above(trace, at).contains(&"booking_creation"));
    let in_use = run().report.metrics.iter().find(|metric| metric.name == "db.pool.max");
    assert!(in_use.is_some(), "{:?}", run().report.metrics);
}

#[test]
fn every_task_runs_below_what_queued_it() {
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for trace in &run().report.traces {
        for (at, row) in trace.rows.iter().enumerate().filter(|(_, row)| row.op == "queue.process") {
            let above = above(trace, at);
            let producer = trace.rows.iter().find(|row| Some(&row.name.as_str()) == above.first());
            assert_eq!(producer.map(|row| row.op.as_str()), Some("queue.publish"), "{} below {above:?}", row.name);
            *outcomes.entry(row.name.as_str()).or_default() += 1;
        }
    }
    assert_eq!(
        outcomes.keys().copied().collect::<Vec<_>>(),
        ["send_email_notification", "send_sms_notification", "sync_calendar"]
    );
    for task in run().report.tasks.iter().filter(|task| task.queue.is_some()) {
        assert!(task.outcomes["ok"] > 0 && task.outcomes["retry"] > 0 && task.outcomes["error"] > 0, "{task:?}");
        assert!(task.waited.is_some_and(|millis| millis >= 0.0), "{task:?}");
    }
}

#[test]
fn the_nightly_task_checks_in() {
    let monitors = &run().report.monitors;
    assert_eq!(monitors.len(), 1);
    assert_eq!(monitors[0].slug, "nightly_reminders");
    assert_eq!(monitors[0].schedule.as_deref(), Some("0 3 * * * Europe/Berlin"));
    assert_eq!(monitors[0].runs, BTreeMap::from([("ok".to_owned(), 1)]));
}

#[test]
fn nothing_is_lost() {
    assert!(run().report.losses.is_empty(), "{:?}", run().report.losses);
}

#[test]
fn no_personal_datum_of_the_input_leaves() {
    let planted = Planted::of(DAY);
    assert!(planted.count("e-mail") > 40 && planted.count("phone") > 30 && planted.count("card number") > 10);
    assert!(planted.count("name") > 30 && planted.count("note") > 5);
    assert_eq!(planted.found_in(&run().requests), Default::default());
    assert!(!run().report.redactions.is_empty(), "nothing came near to leaving: the run proves nothing");
}

/// Runs that cannot begin say why in one line, and end with 2.
#[test]
fn what_cannot_begin_says_why_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let broken = std::env::temp_dir().join(format!("booking-broken-{}.jsonl", std::process::id()));
    std::fs::File::create(&broken).unwrap().write_all(b"{\"method\":\"GET\",\"path\":\"/\"}\n{\n").unwrap();
    let broken = broken.to_str().unwrap();
    for (arguments, variables, said) in [
        (vec![], vec![("SENTRY_DSN", "https://sentry.example/1")], "SENTRY_DSN"),
        (vec![], vec![("SENTRY_TRACES_SAMPLE_RATE", "7")], "SENTRY_TRACES_SAMPLE_RATE"),
        (vec!["--port", port.as_str()], vec![], port.as_str()),
        (vec!["--redis", "redis://127.0.0.1:1"], vec![], "Redis cannot be reached"),
        (vec!["--redis", "127.0.0.1"], vec![], "Redis"),
        (vec!["--input", "/nowhere/day.jsonl"], vec![], "cannot read /nowhere/day.jsonl"),
        (vec!["--input", broken], vec![], "line 2"),
    ] {
        let output = example(&arguments, &variables);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(said) && told.lines().count() == 1, "{told}");
        assert!(output.stdout.is_empty());
    }
    std::fs::remove_file(broken).unwrap();
}

#[test]
fn without_a_dsn_it_prints_the_report() {
    let input = std::env::temp_dir().join(format!("booking-short-{}.jsonl", std::process::id()));
    let some: String = DAY.lines().take(12).map(|line| format!("{line}\n")).collect();
    std::fs::write(&input, some).unwrap();
    let output = example(&["--input", input.to_str().unwrap()], &[]);
    std::fs::remove_file(&input).unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for title in [
        "Transactions",
        "Trace ",
        "Caches",
        "Deliveries",
        "Statements",
        "Tasks",
        "Errors",
        "Check-ins",
        "Redacted",
        "Lost",
    ] {
        assert!(report.lines().any(|line| line.starts_with(title)), "{title} is missing:\n{report}");
    }
    assert!(report.lines().all(|line| line.chars().count() <= 100), "{report}");
}
