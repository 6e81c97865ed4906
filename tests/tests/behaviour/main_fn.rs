//! A program under `#[watchpost::main]` is the same program: its output, its exit code, with and without a server.

use std::process::{Command, Output};

use watchpost_tests::server::Server;

fn run(kind: &str, case: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mains"));
    let inherited = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SENTRY_"));
    inherited.for_each(|(name, _)| {
        command.env_remove(name);
    });
    command.env_remove("RUST_BACKTRACE").args([kind, case]).envs(variables.iter().copied()).output().unwrap()
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    // The thread's number differs from run to run.
    let stderr = text(&output.stderr);
    let stderr = match (stderr.find(" ("), stderr.find(") panicked")) {
        (Some(from), Some(to)) => stderr[..from].to_owned() + &stderr[to + 1..],
        _ => stderr,
    };
    // The two of a kind stand on two lines of the file.
    let stderr = match stderr.split_once("mains.rs:") {
        Some((before, after)) => format!("{before}mains.rs{}", after.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => stderr,
    };
    (output.status.code(), text(&output.stdout), stderr)
}

const CASES: [(&str, i32); 14] = [
    ("unit", 0),
    ("ok", 0),
    ("error", 1),
    ("alias", 1),
    ("boxed", 1),
    ("bare_error", 1),
    ("code", 3),
    ("result_of_code", 4),
    ("opaque", 5),
    ("never", 6),
    ("panics", 101),
    ("runtime_below", 1),
    ("runtime_above", 1),
    ("threads", 0),
];

#[test]
fn every_main_ends_as_it_would_without_the_attribute() {
    // Nobody listens at the port: what is sent is lost, and changes nothing.
    let unreachable = [("SENTRY_DSN", "http://key@127.0.0.1:9/1"), ("SENTRY_ENVIRONMENT", "production")];
    for (case, code) in CASES {
        let bare = told(&run("bare", case, &[]));
        assert_eq!(bare.0, Some(code), "{case}: {}", bare.2);
        assert_eq!(told(&run("watched", case, &[])), bare, "{case}, without a DSN");
        assert_eq!(told(&run("watched", case, &unreachable)), bare, "{case}, without a server");
    }
}

#[test]
fn a_wrong_configuration_is_told_before_the_program_begins() {
    let wrong = [("SENTRY_SAMPLE_RATE", "80%"), ("SENTRY_DSN", "https://hunter2@"), ("SENTRY_DEBGU", "1")];
    let (code, stdout, stderr) = told(&run("watched", "unit", &wrong));
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    for expected in ["3 problems", "SENTRY_SAMPLE_RATE", "did you mean `0.8`?", "SENTRY_DSN", "`SENTRY_DEBUG`?"] {
        assert!(stderr.contains(expected), "{expected} in {stderr}");
    }
    assert!(!stderr.contains("hunter2"), "{stderr}");
    let (code, stdout, again) = told(&run("watched", "runs_on", &wrong));
    assert_eq!((code, stdout.as_str()), (Some(0), "work\n"));
    assert_eq!(again, stderr);
}

#[test]
fn without_a_dsn_there_is_neither_client_nor_thread() {
    let (code, stdout, stderr) = told(&run("init", "disabled", &[("SENTRY_ENVIRONMENT", "staging")]));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines[..2], ["client false", "enabled false, threads 1"]);
    let health: serde_json::Value = serde_json::from_str(lines[2]).unwrap();
    assert_eq!(health["sentry"]["environment"], "staging");
    assert_eq!(health["sentry"]["traces_sample_rate"], 0.5);
    assert_eq!(health["sentry"]["enabled"], false);
    assert!(health["sentry"]["release"].as_str().unwrap().starts_with("watchpost-tests@"), "{health}");
}

#[test]
fn the_client_is_bound_for_every_thread_whichever_makes_it() {
    let (code, stdout, _) = told(&run("init", "elsewhere", &[("SENTRY_DSN", "http://key@127.0.0.1:9/1")]));
    assert_eq!((code, stdout.as_str()), (Some(0), "before false\nmain true, later true, guard true\n"));
}

#[test]
fn an_error_of_main_is_one_event_and_it_arrives_before_the_end() {
    for (case, ty, value) in [
        ("error", "mains::NoSeat", "no seat left"),
        ("alias", "mains::NoSeat", "no seat left"),
        ("bare_error", "mains::Bare", "Bare(7)"),
        ("runtime_below", "mains::NoSeat", "no seat left"),
        ("runtime_above", "mains::NoSeat", "no seat left"),
        ("panics", "panic", "out of seats"),
    ] {
        let server = Server::start();
        run("watched", case, &[("SENTRY_DSN", &server.dsn())]);
        let events = server.items("event");
        assert_eq!(events.len(), 1, "{case}: {events:?}");
        let last = events[0]["exception"]["values"].as_array().unwrap().last().unwrap();
        let module = last["module"].as_str().map(|module| format!("{module}::")).unwrap_or_default();
        let told = format!("{module}{}", last["type"].as_str().unwrap());
        assert_eq!((told.as_str(), last["value"].as_str()), (ty, Some(value)), "{case}");
    }
    for case in ["ok", "code", "threads"] {
        let server = Server::start();
        run("watched", case, &[("SENTRY_DSN", &server.dsn())]);
        assert_eq!(server.items("event").len(), 0, "{case}");
    }
}

#[test]
fn sessions_are_counted_as_the_configuration_says() {
    let server = Server::start();
    run("init", "session", &[("SENTRY_DSN", &server.dsn())]);
    let sessions = server.items("session");
    assert_eq!(server.items("sessions").len(), 0);
    let last = sessions.last().unwrap();
    assert_eq!((&last["status"], &last["attrs"]["release"]), (&"exited".into(), &"shop@1.0.0".into()), "{sessions:?}");

    let server = Server::start();
    run("init", "sessions", &[("SENTRY_DSN", &server.dsn())]);
    assert_eq!(server.items("session").len(), 0);
    let sums = server.items("sessions");
    let exited: u64 = sums
        .iter()
        .flat_map(|sum| sum["aggregates"].as_array().unwrap())
        .map(|sum| sum["exited"].as_u64().unwrap())
        .sum();
    assert_eq!(exited, 3, "{sums:?}");

    let server = Server::start();
    run("init", "elsewhere", &[("SENTRY_DSN", &server.dsn())]);
    assert_eq!(server.items("session").len() + server.items("sessions").len(), 0);
}
