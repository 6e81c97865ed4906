//! `watchpost test` as a person runs it: without a DSN, and against servers that misbehave.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::{Command, Output};

use watchpost_cli::Receiver;
use watchpost_cli::receiver::Failure;

/// Runs it with these variables and no others of ours.
fn watchpost(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchpost"));
    for (name, _) in std::env::vars() {
        if name.starts_with("SENTRY_") || name.to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    command.arg("test").args(arguments).envs(variables.iter().copied()).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn without_a_dsn_every_kind_is_sent_to_the_receiver_and_what_came_is_right() {
    let output = watchpost(&["--verbose"], &[]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("11 passed, 0 failed"), "{text}");
    assert!(text.contains("so: no planted secret leaves"), "{text}");
}

#[test]
fn a_server_gets_what_is_asked_for_and_its_pages_are_named() {
    let server = Receiver::start(0).unwrap();
    let dsn = server.dsn();
    let output = watchpost(&["--test-type", "payment", "--test-type", "cron", "--verbose"], &[("SENTRY_DSN", &dsn)]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("answered 200 and its id"), "{text}");
    assert!(text.contains(&format!("http://{}/issues/?project=1&query=watchpost.test%3A", server.address())), "{text}");
    assert!(!text.contains("watchpost@"), "the key is not told: {text}");
    let kinds: Vec<_> = server.items().into_iter().map(|item| item.kind).collect();
    for kind in ["event", "transaction", "check_in"] {
        assert!(kinds.iter().any(|known| known == kind), "{kinds:?}");
    }
}

#[test]
fn what_the_server_refuses_is_told_by_its_status_and_limits() {
    let server = Receiver::start(0).unwrap();
    let dsn = server.dsn();
    for (failure, said) in [
        (Failure::RateLimits("60:error;transaction:key".into()), "429, rate limited: 60:error;transaction:key"),
        (Failure::RetryAfter(7), "429, rate limited: 7"),
        (Failure::Status(500), "refused with 500"),
        (Failure::Status(401), "the key is not known"),
    ] {
        server.fail(failure);
        let output = watchpost(&["--test-type", "payment"], &[("SENTRY_DSN", &dsn)]);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn a_server_that_is_not_reached_is_asked_once() {
    let server = Receiver::start(0).unwrap();
    let dsn = server.dsn();
    server.fail(Failure::Reset);
    let output = watchpost(&[], &[("SENTRY_DSN", &dsn)]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("0 passed, 1 failed, 10 not tried"), "{text}");
}

#[test]
fn a_wrong_configuration_is_misuse() {
    let output = watchpost(&[], &[("SENTRY_DSN", "https://supersecretkey@"), ("SENTRY_SAMPLE_RATE", "80%")]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("SENTRY_DSN") && text.contains("SENTRY_SAMPLE_RATE"), "{text}");
    assert!(!text.contains("supersecretkey"), "{text}");
    assert_eq!(watchpost(&["--test-type", "everything"], &[]).status.code(), Some(2));
}
