//! `watchpost receive` as a person runs it.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

struct Receiving {
    child: Child,
    address: String,
    out: BufReader<ChildStdout>,
}

impl Receiving {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_watchpost"))
            .args(["receive", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("SENTRY_DSN=http://watchpost@").unwrap().strip_suffix("/1").unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { address: address.to_owned(), child, out }
    }

    fn post(&self, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST /api/1/envelope/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line
    }

    /// What is still said after Ctrl-C.
    fn interrupt(mut self) -> String {
        let killed = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

const EVENT: &str = "{}\n{\"type\":\"event\"}\n{\"level\":\"warning\",\"message\":\"no room\\u001b[2J\"}\n";

#[test]
fn each_item_is_a_line_and_the_report_comes_at_the_end() {
    let mut receiving = Receiving::start(&["--fail", "status:503*1"]);
    assert!(receiving.post(EVENT).starts_with("HTTP/1.1 503"));
    assert!(receiving.line().trim_end().ends_with("Z  refused       as told: status:503"));
    assert!(receiving.post(EVENT).starts_with("HTTP/1.1 200"));
    let line = receiving.line();
    assert!(line.trim_end().ends_with("Z  event         warning  no room·[2J"), "{line}");
    let report = receiving.interrupt();
    assert!(report.contains("1 event in 1 group") && report.contains("failed as told: status:503"), "{report}");
}

#[test]
fn json_is_nothing_but_json() {
    let mut receiving = Receiving::start(&["--json"]);
    receiving.post(EVENT);
    let item: serde_json::Value = serde_json::from_str(&receiving.line()).unwrap();
    assert_eq!((&item["type"], &item["payload"]["level"]), (&"event".into(), &"warning".into()));
    assert_eq!(receiving.interrupt(), "");
}

#[test]
fn misuse_is_told_with_the_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_watchpost")).arg("receive").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = run(&["--port", &port]);
    assert!(code == Some(2) && said.contains("somebody listens there already") && said.contains("--port 0"), "{said}");
    let (code, said) = run(&["--fail", "sulk"]);
    assert!(code == Some(2) && said.contains("unknown failure mode `sulk`"), "{said}");
}

/// Times and ids are different each time: every digit of a time, and every letter of a trace's id, is a `0`.
fn steady(line: &str) -> String {
    let (time, rest) = line.trim_end().split_at("00:00:00Z".len());
    let time: String = time.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    match rest.rsplit_once(' ') {
        Some((before, id)) if id.len() == 8 && id.chars().all(|letter| letter.is_ascii_hexdigit()) => {
            format!("{time}{before} 00000000\n")
        }
        _ => format!("{time}{rest}\n"),
    }
}

/// `WATCHPOST_OVERWRITE=1` writes it.
#[test]
fn the_documentation_shows_what_is_printed() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let command = "$ watchpost receive --fail 'status:503*1'\n";
    let start = text.find(command).unwrap() + command.len();
    let end = start + text[start..].find("```").unwrap();

    let mut receiving = Receiving::start(&["--fail", "status:503*1"]);
    let mut said = String::new();
    for (what, lines) in [("booking", 2), ("basic", 2)] {
        let mut test = Command::new(env!("CARGO_BIN_EXE_watchpost"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SENTRY_") || name.ends_with("_proxy")) {
            test.env_remove(name);
        }
        let dsn = format!("http://watchpost@{}/1", receiving.address);
        test.args(["test", "--test-type", what]).env("SENTRY_DSN", dsn).env("SENTRY_ENVIRONMENT", "development");
        test.output().unwrap();
        said.extend((0..lines).map(|_| steady(&receiving.line())));
    }
    drop(receiving.interrupt());
    if std::env::var_os("WATCHPOST_OVERWRITE").is_some() {
        std::fs::write(&page, format!("{}{said}{}", &text[..start], &text[end..])).unwrap();
    } else {
        assert_eq!(text[start..end], said);
    }
}
