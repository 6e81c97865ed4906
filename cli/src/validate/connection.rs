//! The way to the server, step by step, so that what fails is known by its step; and the whole client, tried against a
//! receiver in this process.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sentry_core::types::{Dsn, Scheme};
use sentry_core::{Client, Hub, Level, Scope, TransactionContext};
use ureq::{Error as HttpError, Proxy, Timeout};

use super::Aspect::{Connectivity, Integration};
use super::Outcome::{Error, Note, Pass, Skipped, Warning};
use super::{Check, Outcome, Subject};
use crate::Receiver;
use crate::server::Server;

/// How long one step may take.
const PATIENCE: Duration = Duration::from_secs(10);

const WHY: &str = "events wait in a bounded queue for this way, and are lost when it stays shut";

/// Name, TCP, TLS, HTTP, the envelope accepted, rate limits.
pub(super) fn checks(subject: &Subject, step: &mut dyn FnMut(&str)) -> Vec<Check> {
    let Some(dsn) = &subject.settings().dsn else {
        return vec![Check::new(Connectivity, "server", Skipped, "no DSN that can be used")];
    };
    let proxy = match Server::proxy(dsn, subject.config()) {
        Ok(proxy) => proxy,
        Err(problem) => {
            let change = "write it as in HTTPS_PROXY=http://user:password@proxy.example.com:3128";
            return stopped(Vec::new(), "proxy", format!("its address cannot be used: {problem}"), change);
        }
    };
    let (host, port) = match &proxy {
        Some(proxy) => (proxy.host().to_owned(), proxy.port()),
        None => (dsn.host().to_owned(), dsn.port()),
    };
    let mut checks = Vec::new();
    if proxy.is_some() {
        // Its address may hold a password: host and port are told, and nothing else.
        checks.push(Check::new(Connectivity, "proxy", Note, format!("through {host}:{port}, as the environment says")));
    }
    step("name");
    let addresses = match resolve(&host, port) {
        Ok(addresses) => addresses,
        Err(problem) => {
            return stopped(
                checks,
                "name",
                format!("{host}: {problem}"),
                "check the host in SENTRY_DSN and this machine's resolver",
            );
        }
    };
    checks.push(passed("name", format!("{host} is {}", list(&addresses))));
    step("tcp");
    match addresses.iter().map(|address| TcpStream::connect_timeout(address, PATIENCE)).find(Result::is_ok) {
        Some(_) => checks.push(passed("tcp", format!("port {port} answers"))),
        None => {
            let finding = format!("nothing answers on port {port} of {host}");
            return stopped(
                checks,
                "tcp",
                finding,
                "open the way out to it (firewall, security group, network policy), or set HTTPS_PROXY",
            );
        }
    }
    step("http");
    exchange(checks, dsn, proxy)
}

fn passed(name: &str, finding: String) -> Check {
    Check::new(Connectivity, name, Pass, finding)
}

/// The steps after the one that failed are not tried.
fn stopped(mut checks: Vec<Check>, name: &str, finding: String, change: &str) -> Vec<Check> {
    checks.push(Check::new(Connectivity, name, Error, finding).why(WHY).change(change));
    let steps = ["proxy", "name", "tcp", "tls", "http", "envelope", "rate limits"];
    let after = steps.iter().skip_while(|step| **step != name).skip(1);
    checks.extend(after.map(|step| Check::new(Connectivity, *step, Skipped, format!("`{name}` failed"))));
    checks
}

fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<_> = (bare, port).to_socket_addrs().map_err(|_| "the name is not known".to_owned())?.collect();
    if addresses.is_empty() { Err("the name has no address".to_owned()) } else { Ok(addresses) }
}

fn list(addresses: &[SocketAddr]) -> String {
    let shown: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).take(3).collect();
    shown.join(", ")
}

/// One envelope that leaves nothing behind: a client report of no loss.
fn exchange(mut checks: Vec<Check>, dsn: &Dsn, proxy: Option<Proxy>) -> Vec<Check> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let envelope =
        format!("{{}}\n{{\"type\":\"client_report\"}}\n{{\"timestamp\":{seconds},\"discarded_events\":[]}}\n");
    let answer = match Server::of(dsn, proxy, PATIENCE).post(envelope.as_bytes()) {
        Ok(answer) => answer,
        Err(error) => return refused(checks, dsn, &error),
    };
    let tls = match dsn.scheme() {
        Scheme::Https => passed("tls", "the certificate is trusted".to_owned()),
        Scheme::Http => Check::new(Connectivity, "tls", Skipped, "the DSN is http"),
    };
    checks.push(tls);
    let status = answer.status;
    checks.push(passed("http", format!("answered {status}")));
    checks.push(match status {
        200..=299 => passed("envelope", "accepted".to_owned()),
        429 => {
            Check::new(Connectivity, "envelope", Warning, "refused for now: 429").why(WHY).change("see `rate limits`")
        }
        401 | 403 => Check::new(Connectivity, "envelope", Error, format!("refused: {status}"))
            .why("the server does not know the key")
            .change("copy the DSN again from the project's settings; the key may be disabled"),
        404 => Check::new(Connectivity, "envelope", Error, "refused: 404")
            .why("there is no such project, or the server is none of Sentry's")
            .change("check the project number at the end of the DSN"),
        300..=399 => Check::new(Connectivity, "envelope", Error, format!("sent elsewhere: {status}"))
            .why("envelopes do not follow redirects")
            .change(format!(
                "use the DSN of where it points to: {}",
                answer.location.as_deref().unwrap_or("no location")
            )),
        _ => Check::new(Connectivity, "envelope", Error, format!("refused: {status}"))
            .why(WHY)
            .change("look at the server's log"),
    });
    checks.push(match answer.limits() {
        None => passed("rate limits", "none".to_owned()),
        Some(limits) => Check::new(Connectivity, "rate limits", Warning, limits.to_owned())
            .why("while a limit holds, what it names is dropped and counted")
            .change("lower the rates, or raise the quota or the key's limit"),
    });
    checks
}

/// The step that an exchange without an answer has failed at.
fn refused(mut checks: Vec<Check>, dsn: &Dsn, error: &HttpError) -> Vec<Check> {
    let is_tls = dsn.scheme() == Scheme::Https;
    match error {
        // The TLS library tells its refusals as data that it cannot take.
        HttpError::Io(io) if is_tls && io.kind() == ErrorKind::InvalidData => no_tls(checks, &io.to_string()),
        HttpError::Tls(_) | HttpError::Rustls(_) | HttpError::TlsRequired => no_tls(checks, &error.to_string()),
        HttpError::ConnectProxyFailed(_) => {
            stopped(checks, "tls", error.to_string(), "check HTTPS_PROXY and its credentials")
        }
        HttpError::Timeout(Timeout::Connect) if is_tls => {
            let finding = format!("no handshake within {} s", PATIENCE.as_secs() / 2);
            stopped(checks, "tls", finding, "check that the DSN's port speaks TLS")
        }
        _ => {
            checks.push(match dsn.scheme() {
                Scheme::Http => Check::new(Connectivity, "tls", Skipped, "the DSN is http"),
                // It may be either: a server that hangs up does not say why.
                Scheme::Https => Check::new(Connectivity, "tls", Note, "not told apart from `http`"),
            });
            let finding = match error {
                HttpError::Timeout(_) => format!("no answer within {} s", PATIENCE.as_secs()),
                error => error.to_string(),
            };
            stopped(checks, "http", finding, "check that the DSN's port is the server's, and speaks the DSN's scheme")
        }
    }
}

fn no_tls(checks: Vec<Check>, problem: &str) -> Vec<Check> {
    let change =
        "check the certificate, its chain and the clock; behind an intercepting proxy its root must be trusted";
    stopped(checks, "tls", problem.to_owned(), change)
}

/// An event and a transaction through a client with this configuration, rates and way apart. `None`: there is none.
pub(super) fn through_a_receiver(subject: &Subject) -> Option<Check> {
    const WHY: &str = "what arrives here would arrive at the server: the same client, the same redaction";
    let config = subject.config()?.clone();
    let failed = |finding: String| {
        Some(
            Check::new(Integration, "client", Error, finding)
                .why(WHY)
                .change("please report this as a bug of watchpost"),
        )
    };
    let receiver = match Receiver::start(0) {
        Ok(receiver) => receiver,
        Err(problem) => {
            return Some(Check::new(Integration, "client", Skipped, format!("no port to listen on: {problem}")));
        }
    };
    let config = config.dsn(&receiver.dsn()).sample_rate(1.0).traces_sample_rate(1.0);
    if let Err(errors) = config.check() {
        return failed(errors.to_string());
    }
    let client = Arc::new(Client::with_options(config.client_options()));
    let hub = Arc::new(Hub::new(Some(client.clone()), Arc::new(Scope::default())));
    Hub::run(hub.clone(), || {
        hub.capture_message("watchpost validate: password=hunter2", Level::Info);
        hub.start_transaction(TransactionContext::new("watchpost validate", "test")).finish();
    });
    client.close(Some(PATIENCE));
    let items = receiver.items();
    let came = |kind: &str| items.iter().any(|item| item.kind == kind);
    let leaked = items.iter().any(|item| format!("{item:?}").contains("hunter2"));
    let outcome: Outcome = if came("event") && came("transaction") && !leaked { Pass } else { Error };
    Some(match outcome {
        Pass => Check::new(Integration, "client", Pass, "an event and a transaction arrived, redacted"),
        _ => {
            return failed(format!(
                "event {}, transaction {}, {}",
                if came("event") { "arrived" } else { "lost" },
                if came("transaction") { "arrived" } else { "lost" },
                if leaked { "a planted password left" } else { "nothing leaked" }
            ));
        }
    })
}
