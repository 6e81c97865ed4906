//! The console, seen from outside: a program of its own, its standard error read or closed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::{Command, Stdio};
use std::time::Duration;

use watchpost::{Config, capture_errors, monitor_performance};

const ROLE: &str = "WATCHPOST_TEST_CONSOLE";

#[monitor_performance("booking_creation", fields(service = 7))]
fn book() -> Result<(), std::io::Error> {
    charge(3500)
}

#[monitor_performance(op = "business.payment")]
#[capture_errors(category = "payment", args(amount))]
fn charge(amount: u32) -> Result<(), std::io::Error> {
    Err(std::io::Error::other(format!("{amount} cents for jane.doe@example.com were declined")))
}

/// What runs as the other program; nothing where it is not asked to.
#[test]
fn program() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let mut config = Config::from_env().unwrap().debug(false);
    if role == "asked" {
        config = config.console(true);
    }
    if role == "refused" {
        config = config.console(false);
    }
    let guard = config.init().unwrap();
    let health = watchpost::health();
    let (times, patience) =
        if role == "stuck" { (2000, Duration::from_millis(100)) } else { (20, Duration::from_secs(10)) };
    for _ in 0..times {
        let _ = book();
    }
    guard.flush(patience);
    drop(guard);
    // Past the harness, on the other stream.
    std::fs::write(
        std::env::var("WATCHPOST_TEST_OUT").unwrap(),
        format!("{} {}", health.enabled, health.dsn_configured),
    )
    .unwrap();
}

fn run(role: &str, environment: &str) -> (String, String) {
    let out = std::env::temp_dir().join(format!("watchpost-console-{}-{role}-{environment}", std::process::id()));
    let mut command = Command::new(std::env::current_exe().unwrap());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SENTRY_")) {
        command.env_remove(name);
    }
    command.args(["--exact", "console::program", "--nocapture"]);
    command.env(ROLE, role).env("WATCHPOST_TEST_OUT", &out).stdout(Stdio::null()).stderr(Stdio::piped());
    if !environment.is_empty() {
        command.env("SENTRY_ENVIRONMENT", environment);
    }
    let mut child = command.spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut said = String::new();
    let unread = match role {
        "closed" => {
            drop(stderr);
            None
        }
        "stuck" => Some(stderr),
        _ => {
            std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
            None
        }
    };
    assert!(child.wait().unwrap().success());
    drop(unread);
    let health = std::fs::read_to_string(&out).unwrap();
    std::fs::remove_file(out).unwrap();
    (said, health)
}

#[test]
fn while_developing_everything_is_printed_redacted_and_in_whole_blocks() {
    let (said, health) = run("plain", "development");
    assert_eq!(health, "true false");
    assert_eq!(said.matches("booking_creation  function").count(), 20, "{said}");
    assert!(said.contains("error  io::Error::Other: 3500 cents for [REDACTED]"), "{said}");
    assert!(said.contains("amount=3500") && said.contains("payment  ") && said.contains("service=7"), "{said}");
    assert!(said.contains("charge") && said.contains("console.rs:"), "{said}");
    assert!(!said.contains("jane.doe") && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn elsewhere_it_is_printed_only_when_asked() {
    assert_eq!(run("plain", "production"), (String::new(), "false false".into()));
    assert_eq!(run("refused", "development"), (String::new(), "false false".into()));
    // No environment, and no terminal.
    assert_eq!(run("plain", ""), (String::new(), "false false".into()));
    let (said, health) = run("asked", "production");
    assert_eq!(health, "true false");
    assert!(said.contains("error  io::Error::Other"), "{said}");
}

#[test]
fn a_closed_standard_error_changes_nothing() {
    assert_eq!(run("closed", "development").1, "true false");
}

#[test]
fn a_terminal_that_stands_still_holds_up_nothing() {
    // More than a pipe takes, and nobody reads: the program comes to its end, and gives up what is not printed.
    assert_eq!(run("stuck", "development").1, "true false");
}
