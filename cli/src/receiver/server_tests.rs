//! The receiver over HTTP, as a client sees it.

use std::io::{Read, Write};
use std::time::Duration;

use crate::receiver::{Answer, Document, Failure, Receiver};

const EVENT: &str = "{\"event_id\":\"9ec79c33ec9942ab8353589fcb2e04dc\"}\n{\"type\":\"event\"}\n{\"message\":\"hi\"}\n";

/// What the server says to one request; empty where it says nothing before it hangs up.
fn ask(receiver: &Receiver, method: &str, path: &str, headers: &str, body: &[u8]) -> std::io::Result<String> {
    let mut stream = std::net::TcpStream::connect(receiver.address())?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    )?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn post(receiver: &Receiver, body: &str) -> std::io::Result<String> {
    ask(receiver, "POST", "/api/1/envelope/", "", body.as_bytes())
}

#[test]
fn envelopes_are_taken_compressed_or_not_and_answered_with_their_id() {
    let receiver = Receiver::start(0).unwrap();
    let answer = post(&receiver, EVENT).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("{\"id\":\"9ec79c33ec9942ab8353589fcb2e04dc\"}"), "{answer}");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(EVENT.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    ask(&receiver, "POST", "/stream", "content-encoding: gzip\r\n", &gzip).unwrap();
    assert!(receiver.wait_for(Duration::ZERO, |items| items.len() == 2));
    let (items, requests) = (receiver.items(), receiver.requests());
    assert_eq!(items[1].json().unwrap()["message"], "hi");
    assert_eq!(requests[items[1].request].body, EVENT.as_bytes());
    assert_eq!(requests[items[1].request].wire_length, gzip.len());
}

#[test]
fn what_is_no_envelope_is_refused_and_remembered() {
    let receiver = Receiver::start(0).unwrap();
    let status = |answer: std::io::Result<String>| answer.unwrap()[9..12].to_owned();
    assert_eq!(status(post(&receiver, "barber")), "400");
    assert_eq!(status(ask(&receiver, "POST", "/elsewhere", "", b"")), "404");
    assert_eq!(status(ask(&receiver, "GET", "/api/1/envelope/", "", b"")), "405");
    assert_eq!(status(ask(&receiver, "POST", "/stream", "content-encoding: br\r\n", b"x")), "415");
    assert_eq!(status(ask(&receiver, "POST", "/stream", "content-encoding: gzip\r\n", b"x")), "400");
    let answers: Vec<_> = receiver.requests().into_iter().map(|request| request.answer).collect();
    assert!(matches!(answers[0], Answer::Malformed(_)));
    assert_eq!(answers[1..], [404, 405, 415, 400].map(Answer::Refused));
    assert!(receiver.items().is_empty());
}

#[test]
fn every_failure_looks_from_outside_as_it_is_named() {
    let receiver = Receiver::start(0).unwrap();
    receiver.fail_times(1, Failure::Status(503));
    assert!(post(&receiver, EVENT).unwrap().starts_with("HTTP/1.1 503"));
    receiver.fail(Failure::RetryAfter(7));
    assert!(post(&receiver, EVENT).unwrap().contains("retry-after: 7\r\n"));
    receiver.fail(Failure::RateLimits("60:error:key".into()));
    assert!(post(&receiver, EVENT).unwrap().contains("x-sentry-rate-limits: 60:error:key\r\n"));
    receiver.fail(Failure::Reset);
    assert_eq!(post(&receiver, EVENT).unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert!(receiver.items().is_empty());
    receiver.fail(Failure::Delay(Duration::from_millis(1)));
    assert!(post(&receiver, EVENT).unwrap().starts_with("HTTP/1.1 200"));
    receiver.recover();
    assert!(post(&receiver, EVENT).unwrap().starts_with("HTTP/1.1 200"));
    assert_eq!(receiver.items().len(), 2);
}

#[test]
fn a_client_that_hangs_is_let_go_when_the_receiver_ends() {
    let receiver = Receiver::start(0).unwrap();
    receiver.fail(Failure::Hang);
    let address = receiver.address();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "POST /stream HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{EVENT}", EVENT.len()).unwrap();
    while receiver.requests().is_empty() {
        std::thread::yield_now();
    }
    drop(receiver);
    let mut answer = Vec::new();
    assert!(stream.read_to_end(&mut answer).is_err() || answer.is_empty());
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn failures_come_in_turn_and_then_none() {
    let receiver = Receiver::start(0).unwrap();
    receiver.fail_in_turn([
        (Failure::Status(503), Some(2)),
        (Failure::Reset, Some(0)),
        (Failure::Status(500), Some(1)),
    ]);
    let status = || post(&receiver, EVENT).unwrap()[9..12].to_owned();
    assert_eq!([status(), status(), status(), status()], ["503", "503", "500", "200"]);
    let (requests, items) = receiver.since(2, Duration::ZERO);
    assert_eq!((requests.len(), items.len()), (2, 1));
}

#[test]
fn documents_are_shown_and_their_visits_not_kept() {
    let receiver = Receiver::start_with(0, |visit| {
        (visit.target == "/?a=1").then(|| Document {
            status: 200,
            content_type: "text/plain",
            policy: "default-src 'none'".into(),
            body: format!("{} {}", visit.host, visit.items.len()).into_bytes(),
        })
    });
    let receiver = receiver.unwrap();
    post(&receiver, EVENT).unwrap();
    let answer = ask(&receiver, "GET", "/?a=1", "", b"").unwrap();
    assert!(answer.contains("content-security-policy: default-src 'none'\r\n") && answer.ends_with("x 1"), "{answer}");
    assert!(ask(&receiver, "GET", "/other", "", b"").unwrap().starts_with("HTTP/1.1 404"));
    assert_eq!(receiver.requests().len(), 2);
}

#[test]
fn a_receiver_that_runs_all_day_keeps_the_newest() {
    let receiver = Receiver::start(0).unwrap();
    receiver.keep_newest(8);
    for _ in 0..10 {
        post(&receiver, EVENT).unwrap();
    }
    assert_eq!(receiver.items().len(), 8);
    assert_eq!(receiver.items()[7].request, 9);
    let requests = receiver.requests();
    assert_eq!(requests.len(), 10);
    assert!(requests.iter().all(|kept| kept.body.is_empty() && kept.headers.is_empty() && kept.target.is_empty()));
    assert_eq!(receiver.since(9, Duration::ZERO).1.len(), 1);
}
