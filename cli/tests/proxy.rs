//! The way through a proxy, for the commands and for a program's own client.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use sentry_core::{Client, Hub, Level, Scope};
use watchpost::Config;
use watchpost_cli::Receiver;

/// A host that only the proxy knows.
const DSN: &str = "http://key@sentry.invalid/42";

/// A proxy that leads every tunnel to one server.
struct Proxy {
    port: u16,
    /// The first lines of what it was asked, and the credentials.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn to(server: &Receiver) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, server) = (listener.local_addr().unwrap().port(), server.address());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                thread::spawn(move || tunnel(stream, TcpStream::connect(server).unwrap(), &log));
            }
        });
        Self { port, asked }
    }

    fn url(&self) -> String {
        format!("http://clerk:supersecretkey@127.0.0.1:{}", self.port)
    }

    fn asked(&self) -> String {
        self.asked.lock().unwrap().join("\n")
    }
}

fn tunnel(mut client: TcpStream, mut server: TcpStream, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or_default() == 0 {
            // Somebody only looked whether the port answers.
            return;
        }
    }
    log.lock().unwrap().push(head);
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let (mut back, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || {
        let _ = copy(&mut back, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let _ = copy(&mut reader, &mut server);
    let _ = server.shutdown(Shutdown::Both);
}

fn watchpost(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchpost"));
    command.args(arguments).env_clear().envs(variables.iter().copied()).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn validate_and_test_go_through_the_proxy_and_keep_its_password() {
    let server = Receiver::start(0).unwrap();
    let proxy = Proxy::to(&server);
    let url = proxy.url();
    let variables = [("SENTRY_DSN", DSN), ("HTTP_PROXY", url.as_str())];
    let output = watchpost(&["validate", "--check-type", "connectivity", "--verbose"], &variables);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains(&format!("proxy: through 127.0.0.1:{}", proxy.port)), "{said}");
    assert!(said.contains("envelope: accepted"), "{said}");
    let tested = watchpost(&["test", "--test-type", "basic"], &variables);
    assert_eq!(tested.status.code(), Some(0), "{}", text(&tested));
    assert!(!said.contains("supersecretkey") && !text(&tested).contains("supersecretkey"), "{said}");
    assert!(proxy.asked().contains("CONNECT sentry.invalid:80"), "{}", proxy.asked());
    assert!(proxy.asked().to_lowercase().contains("proxy-authorization: basic"), "{}", proxy.asked());
    assert!(server.items().iter().any(|item| item.kind == "event"));
}

#[test]
fn a_host_that_no_proxy_names_is_asked_itself() {
    let server = Receiver::start(0).unwrap();
    let proxy = Proxy::to(&server);
    let url = proxy.url();
    let variables = [("SENTRY_DSN", DSN), ("HTTP_PROXY", url.as_str()), ("NO_PROXY", "localhost,.invalid")];
    let output = watchpost(&["validate", "--check-type", "connectivity"], &variables);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("name: sentry.invalid: the name is not known"), "{}", text(&output));
    assert_eq!(proxy.asked(), "");
}

#[test]
fn a_programs_own_client_goes_through_the_proxy() {
    let server = Receiver::start(0).unwrap();
    let proxy = Proxy::to(&server);
    let config = Config::from_vars([("SENTRY_DSN", DSN), ("HTTP_PROXY", &proxy.url())]).unwrap();
    let client = Arc::new(Client::with_options(config.client_options()));
    let hub = Arc::new(Hub::new(Some(Arc::clone(&client)), Arc::new(Scope::default())));
    Hub::run(hub, || watchpost::capture_message("through the proxy", Level::Info));
    assert!(server.wait_for(Duration::from_secs(30), |items| items.iter().any(|item| item.kind == "event")));
    assert!(proxy.asked().contains("CONNECT sentry.invalid:80"), "{}", proxy.asked());
}
