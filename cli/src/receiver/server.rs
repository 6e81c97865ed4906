//! HTTP.

use std::fmt;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::SystemTime;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::encoding::{self, Undecodable};
use super::envelope::Envelope;
use super::failure::Failure;
use super::site::{Site, Visit};
use super::store::{Answer, Request, Store};

/// Sentry's own limit on a compressed envelope is 40 MiB.
const MAX_WIRE: usize = 40 << 20;

type Reply = Response<Full<Bytes>>;

/// Who answers: what came, and what is shown of it.
pub(super) struct Desk {
    pub(super) store: Arc<Store>,
    pub(super) site: Box<Site>,
}

impl Desk {
    fn document(&self, head: &Parts) -> Option<Reply> {
        if head.method != Method::GET {
            return None;
        }
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let host = head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let document = self.store.show(|items, requests| (self.site)(&Visit { target, host, items, requests }))?;
        let mut reply = Response::new(Full::new(Bytes::from(document.body)));
        *reply.status_mut() = StatusCode::from_u16(document.status).ok()?;
        let headers = reply.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(document.content_type));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_str(&document.policy).ok()?);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Some(reply)
    }
}

/// Takes connections until told to stop.
pub(super) async fn serve(listener: TcpListener, desk: Arc<Desk>, stopped: oneshot::Receiver<()>) {
    let accept = async {
        // Without a reactor there is nothing to accept with; the port then stays silent, as a dead server's would.
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return std::future::pending().await };
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(stream, Arc::clone(&desk)));
            }
        }
    };
    tokio::select! {
        () = accept => {}
        _ = stopped => {}
    }
}

async fn connection(stream: TcpStream, desk: Arc<Desk>) {
    let service = service_fn(|request| respond(request, Arc::clone(&desk)));
    let mut connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    if std::pin::Pin::new(&mut connection).await.is_err_and(|error| error.is_user()) {
        // Closing with data unsaid and no linger is what makes the peer see a reset.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

/// Ends the connection without an answer.
#[derive(Debug)]
struct Reset;

impl fmt::Display for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("reset on request")
    }
}

impl std::error::Error for Reset {}

async fn respond(request: hyper::Request<Incoming>, desk: Arc<Desk>) -> Result<Reply, Reset> {
    let (head, body) = request.into_parts();
    if let Some(document) = desk.document(&head) {
        return Ok(document);
    }
    let store = &desk.store;
    let received_at = SystemTime::now();
    let (wire, whole) = match Limited::new(body, MAX_WIRE).collect().await {
        Ok(body) => (body.to_bytes().to_vec(), true),
        Err(_) => (Vec::new(), false),
    };
    let mut kept = Request {
        received_at,
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: headers(&head.headers),
        wire_length: wire.len(),
        body: wire,
        answer: Answer::Taken,
    };
    let encoding = head.headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let refused = if !whole {
        Some((StatusCode::PAYLOAD_TOO_LARGE, "more than 40 MiB, or cut short".to_owned()))
    } else if !takes_envelopes(head.uri.path()) {
        Some((StatusCode::NOT_FOUND, "envelopes go to /api/PROJECT/envelope/".to_owned()))
    } else if head.method != Method::POST {
        Some((StatusCode::METHOD_NOT_ALLOWED, "envelopes are posted".to_owned()))
    } else {
        match encoding::decode(kept.body.clone(), encoding) {
            Ok(body) => {
                kept.body = body;
                None
            }
            Err(error @ Undecodable::Unsupported(_)) => Some((StatusCode::UNSUPPORTED_MEDIA_TYPE, error.to_string())),
            Err(error @ Undecodable::Broken(_)) => Some((StatusCode::BAD_REQUEST, error.to_string())),
        }
    };
    if let Some((status, detail)) = refused {
        kept.answer = Answer::Refused(status.as_u16());
        store.keep(kept, None);
        return Ok(reply(status, &json!({ "detail": detail })));
    }
    match store.next_failure() {
        None => Ok(take(kept, store)),
        Some(Failure::Delay(time)) => {
            let reply = take(kept, store);
            tokio::time::sleep(time).await;
            Ok(reply)
        }
        Some(failure) => {
            kept.answer = Answer::Failed(failure.clone());
            store.keep(kept, None);
            fail(failure).await
        }
    }
}

/// `/api/PROJECT/envelope/` as Sentry has it, and `/stream` as Spotlight has it.
fn takes_envelopes(path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    path == "/stream" || path.strip_prefix("/api/").is_some_and(|rest| rest.ends_with("/envelope"))
}

fn take(mut request: Request, store: &Store) -> Reply {
    match Envelope::split(&request.body) {
        Ok(envelope) => {
            let id = envelope.headers.get("event_id").cloned().unwrap_or_default();
            store.keep(request, Some(envelope));
            reply(StatusCode::OK, &json!({ "id": id }))
        }
        Err(malformed) => {
            let answer = json!({ "detail": malformed.to_string() });
            request.answer = Answer::Malformed(malformed);
            store.keep(request, None);
            reply(StatusCode::BAD_REQUEST, &answer)
        }
    }
}

async fn fail(failure: Failure) -> Result<Reply, Reset> {
    let mut answer = reply(StatusCode::TOO_MANY_REQUESTS, &json!({}));
    match failure {
        Failure::Status(code) => {
            *answer.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        }
        Failure::RetryAfter(seconds) => {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        Failure::RateLimits(limits) => {
            if let Ok(limits) = HeaderValue::from_str(&limits) {
                answer.headers_mut().insert("x-sentry-rate-limits", limits);
            }
        }
        Failure::Hang => std::future::pending().await,
        Failure::Reset => return Err(Reset),
        Failure::Delay(time) => tokio::time::sleep(time).await,
    }
    Ok(answer)
}

fn reply(status: StatusCode, body: &Value) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body.to_string())));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::time::Duration;

    use crate::receiver::{Answer, Document, Failure, Receiver};

    const EVENT: &str =
        "{\"event_id\":\"9ec79c33ec9942ab8353589fcb2e04dc\"}\n{\"type\":\"event\"}\n{\"message\":\"hi\"}\n";

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
        assert!(
            answer.contains("content-security-policy: default-src 'none'\r\n") && answer.ends_with("x 1"),
            "{answer}"
        );
        assert!(ask(&receiver, "GET", "/other", "", b"").unwrap().starts_with("HTTP/1.1 404"));
        assert_eq!(receiver.requests().len(), 2);
    }
}
