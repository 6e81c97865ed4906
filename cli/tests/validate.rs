//! `watchpost validate` against environments with something wrong, one each in `validate/`: the arguments in the first line,
//! the report beside it. `WATCHPOST_OVERWRITE=1` writes the reports: read them as prose.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs, thread};

use watchpost_cli::Receiver;
use watchpost_cli::receiver::Failure;

/// Part of every key in the files: it may not be anywhere in what is said.
const SECRET: &str = "supersecretkey";

const GOOD: &[(&str, &str)] = &[
    ("SENTRY_DSN", "https://key@o1.ingest.sentry.io/42"),
    ("SENTRY_ENVIRONMENT", "production"),
    ("SENTRY_RELEASE", "booking@1.4.2"),
];

/// Runs it with these variables and no others.
fn validate(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_watchpost"))
        .arg("validate")
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn environments() -> Vec<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validate");
    let files = fs::read_dir(home).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|extension| extension == "env")).collect();
    files.sort();
    files
}

#[test]
fn every_bad_environment_is_told_what_is_wrong_with_it() {
    let environments = environments();
    assert!(environments.len() >= 20, "{}", environments.len());
    let mut different = Vec::new();
    for file in environments {
        let first = fs::read_to_string(&file).unwrap().lines().next().unwrap().to_owned();
        let shown = file.display().to_string();
        let mut arguments: Vec<&str> = first.trim_start_matches('#').split_whitespace().collect();
        arguments.extend(["--env-file", &shown]);
        let output = validate(&arguments, &[]);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(1), "{shown}: {text}");
        for arguments in [&["--verbose"][..], &["--format", "json"], &["--format", "html"]] {
            let arguments: Vec<&str> = first
                .trim_start_matches('#')
                .split_whitespace()
                .chain(["--env-file", &shown])
                .chain(arguments.iter().copied())
                .collect();
            let said = self::text(&validate(&arguments, &[]));
            assert!(!said.contains(SECRET), "{shown}: {said}");
        }
        assert!(!text.contains(SECRET), "{shown}: {text}");
        let expected = file.with_extension("txt");
        if env::var_os("WATCHPOST_OVERWRITE").is_some() {
            fs::write(&expected, &text).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != text {
            different.push(format!("== {shown}\n{text}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn a_good_environment_has_nothing_to_change() {
    let types = ["config", "security", "performance", "integration", "deployment"];
    let arguments: Vec<&str> = types.iter().flat_map(|kind| ["--check-type", kind]).chain(["--verbose"]).collect();
    let output = validate(&arguments, GOOD);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("an event and a transaction arrived, redacted"), "{}", text(&output));
}

#[test]
fn the_way_to_a_server_is_told_step_by_step() {
    let server = Receiver::start(0).unwrap();
    let dsn = server.dsn();
    let run = |code: i32| {
        let output = validate(&["--check-type", "connectivity", "--verbose"], &[("SENTRY_DSN", &dsn)]);
        assert_eq!(output.status.code(), Some(code), "{}", text(&output));
        text(&output)
    };
    let said = run(0);
    for step in [
        "ok      name",
        "ok      tcp",
        "skipped tls",
        "ok      http: answered 200",
        "ok      envelope: accepted",
        "ok      rate limits: none",
    ] {
        assert!(said.contains(step), "{step}: {said}");
    }
    for (failure, step) in [
        (Failure::RateLimits("60:error:key".into()), "warning rate limits: 60:error:key"),
        (Failure::RetryAfter(9), "warning envelope: refused for now: 429"),
        (Failure::Status(401), "error   envelope: refused: 401"),
        (Failure::Status(404), "error   envelope: refused: 404"),
        (Failure::Status(503), "error   envelope: refused: 503"),
        (Failure::Status(301), "error   envelope: sent elsewhere: 301"),
        (Failure::Reset, "error   http"),
    ] {
        server.fail(failure);
        let said = run(1);
        assert!(said.contains(step), "{step}: {said}");
    }
}

#[test]
fn a_port_that_does_not_speak_tls_fails_at_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dsn = format!("https://key@{}/42", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
            // What the client says is read, or else its reset might overtake the answer.
            let _ = stream.read(&mut [0; 1024]);
        }
    });
    let output = validate(&["--check-type", "connectivity"], &[("SENTRY_DSN", &dsn)]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error   tls: ") && said.contains("skipped http: `tls` failed"), "{said}");
}

#[test]
fn a_report_goes_to_a_file_in_every_form() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (format, begins) in [("text", "Watchpost"), ("json", "{"), ("html", "<!doctype html>")] {
        let file = home.join(format!("report.{format}")).display().to_string();
        let output = validate(
            &["--check-type", "security", "--format", format, "--output", &file, "--environment", "production"],
            &[("SENTRY_SEND_DEFAULT_PII", "true")],
        );
        assert_eq!(output.status.code(), Some(1));
        let report = fs::read_to_string(&file).unwrap();
        assert!(report.starts_with(begins) && report.contains("SENTRY_SEND_DEFAULT_PII is on"), "{report}");
    }
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(home.join("report.json")).unwrap()).unwrap();
    let check = json["checks"].as_array().unwrap().iter().find(|check| check["name"] == "personal data").unwrap();
    assert_eq!((&check["outcome"], &check["aspect"]), (&"error".into(), &"security".into()));
    assert!(check["why"].is_string() && check["change"].is_string());
}

#[test]
fn misuse_has_an_exit_code_of_its_own() {
    for arguments in [
        &["--check-type", "everything"][..],
        &["--environment", "prod"],
        &["--env-file", "/nowhere/.env"],
        &["--output", "/nowhere/report"],
    ] {
        let output = validate(&[&["--check-type", "deployment"], arguments].concat(), GOOD);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no.env");
    fs::write(&file, format!("SENTRY_DSN https://{SECRET}@o1.ingest.sentry.io/42")).unwrap();
    let output = validate(&["--env-file", &file.display().to_string()], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("NAME=value") && !text(&output).contains(SECRET), "{}", text(&output));
}

#[test]
fn colours_are_for_terminals() {
    assert!(!text(&validate(&["--check-type", "deployment"], &[("CLICOLOR_FORCE", "0")])).contains('\u{1b}'));
}
