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
