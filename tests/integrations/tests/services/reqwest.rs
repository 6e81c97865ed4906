//! Outgoing HTTP of reqwest, over a server of axum on this machine.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::Path;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use reqwest::{Client, Request, Response};
use reqwest_middleware::{ClientBuilder, Next};
use watchpost::reqwest::{Middleware, RequestBuilderExt, UrlTemplate};
use watchpost::testing::{Captured, CapturedSpan, capture_async, capture_async_with, options};
use watchpost::{SpanStatus, capture_errors, transaction};
use watchpost_integration_tests::conventions;

type Headers = HashMap<String, String>;

/// Answers with the headers that came, with a status by name, or not at all.
async fn server() -> SocketAddr {
    async fn headers(headers: HeaderMap) -> Json<Headers> {
        let pairs = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        Json(pairs.collect())
    }
    async fn status(Path(status): Path<u16>) -> (StatusCode, &'static str) {
        (StatusCode::from_u16(status).unwrap(), "body")
    }
    static ASKED: AtomicU32 = AtomicU32::new(0);
    async fn third(echoed: HeaderMap) -> Result<Json<Headers>, StatusCode> {
        match ASKED.fetch_add(1, Relaxed) {
            0 | 1 => Err(StatusCode::SERVICE_UNAVAILABLE),
            _ => Ok(headers(echoed).await),
        }
    }
    let routes = Router::new()
        .route("/headers", get(headers))
        .route("/status/{status}", get(status).post(status))
        .route("/third", get(third))
        .route("/users/{id}", post(|| async { "made" }))
        .route("/hangs", get(std::future::pending::<()>));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
    address
}

async fn below_a_root(future: impl Future<Output = ()>) -> Captured {
    let sent = capture_async(transaction("test", "root").instrument(future)).await;
    conventions::check(&sent);
    sent
}

fn spans(sent: &Captured) -> Vec<&CapturedSpan> {
    sent.children(sent.span("root").expect("it was recorded"))
}

fn the_span(sent: &Captured) -> &CapturedSpan {
    let spans = spans(sent);
    assert_eq!(spans.len(), 1, "{spans:?}");
    spans[0]
}

#[tokio::test]
async fn a_request_of_a_client_with_middleware() {
    let address = server().await;
    let client = ClientBuilder::new(Client::new()).with(Middleware::new()).build();
    let sent = below_a_root(async {
        let url = format!("http://bob:hunter2@{address}/users/17?page=3#part");
        let answer = client.post(url).body("four").send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "made", "the body is the program's");
    })
    .await;
    let span = the_span(&sent);
    assert_eq!((span.op.as_str(), span.status), ("http.client", Some(SpanStatus::Ok)));
    assert_eq!(span.name, format!("POST http://{address}/users/*"));
    let expected = [
        ("http.request.method", "POST".into()),
        ("url.full", format!("http://{address}/users/17").into()),
        ("server.address", "127.0.0.1".into()),
        ("server.port", address.port().into()),
        ("http.request.body.size", 4.into()),
        ("http.response.status_code", 200.into()),
        ("http.response.body.size", 4.into()),
        ("sentry.origin", "auto.http.reqwest".into()),
    ];
    let told: Vec<(&str, serde_json::Value)> =
        expected.iter().map(|(key, _)| (*key, span.data.get(*key).cloned().unwrap_or_default())).collect();
    assert_eq!(told, expected);
    let all = format!("{:?}", sent.envelopes);
    for private in ["hunter2", "bob", "page=3", "#part"] {
        assert!(!all.contains(private), "{private} leaves");
    }
}

#[tokio::test]
async fn templates() {
    let address = server().await;
    let monitored = Middleware::new();
    let client = ClientBuilder::new(Client::new()).with(monitored.clone()).build();
    let sent = below_a_root(async {
        let url = format!("http://{address}/users/alice");
        client.post(&url).with_extension(UrlTemplate::new("/users/{name}")).send().await.unwrap();
        Client::new().post(&url).send_monitored_by(&monitored.template("/users/{name}")).await.unwrap();
    })
    .await;
    for span in spans(&sent) {
        assert_eq!(span.name, format!("POST http://{address}/users/{{name}}"));
        assert_eq!(span.data["url.template"], "/users/{name}");
    }
}

#[tokio::test]
async fn statuses() {
    let address = server().await;
    for (status, expected) in [
        (204, SpanStatus::Ok),
        (304, SpanStatus::Ok),
        (400, SpanStatus::InvalidArgument),
        (401, SpanStatus::Unauthenticated),
        (403, SpanStatus::PermissionDenied),
        (404, SpanStatus::NotFound),
        (409, SpanStatus::AlreadyExists),
        (429, SpanStatus::ResourceExhausted),
        (500, SpanStatus::InternalError),
        (503, SpanStatus::Unavailable),
        (504, SpanStatus::DeadlineExceeded),
    ] {
        let sent = below_a_root(async {
            let answer = Client::new().get(format!("http://{address}/status/{status}")).send_monitored().await.unwrap();
            assert_eq!(answer.status(), status);
        })
        .await;
        let span = the_span(&sent);
        assert_eq!((span.status, &span.data["http.response.status_code"]), (Some(expected), &status.into()));
        assert!(sent.events.is_empty(), "a status is no event");
    }
}

async fn echoed(client: reqwest::RequestBuilder, by: &Middleware) -> Headers {
    client.send_monitored_by(by).await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn headers_go_to_those_who_may_have_them() {
    let address = server().await;
    let get = || Client::new().get(format!("http://{address}/headers"));
    let (nobody, somebody) = (Middleware::new(), Middleware::new().propagate_to("127.0.0.1").unwrap());
    let elsewhere = Middleware::new().propagate_to("api.internal").unwrap();
    let mut seen = Vec::new();
    let sent = below_a_root(async {
        for by in [&nobody, &elsewhere] {
            let headers = echoed(get(), by).await;
            let trace = ["sentry-trace", "baggage", "traceparent"].into_iter().find(|name| headers.contains_key(*name));
            assert_eq!(trace, None);
        }
        seen.push(echoed(get(), &somebody).await);
        seen.push(echoed(get().header("baggage", "theirs=1").header("baggage", "more=2"), &somebody).await);
        seen.push(echoed(get().header("sentry-trace", "mine"), &somebody).await);
    })
    .await;
    let spans = spans(&sent);
    let [plain, with_baggage, own] = &seen[..] else { panic!("{seen:?}") };
    let span = spans[2];
    assert_eq!(plain["sentry-trace"], format!("{}-{}-1", span.trace, span.id));
    assert_eq!(plain["traceparent"], format!("00-{}-{}-01", span.trace, span.id));
    assert!(plain["baggage"].contains(&format!("sentry-trace_id={}", span.trace)), "{plain:?}");
    assert!(with_baggage["baggage"].starts_with("theirs=1,more=2,sentry-"), "{with_baggage:?}");
    assert_eq!(own["sentry-trace"], "mine");
}

#[tokio::test]
async fn the_decision_against_a_trace_is_passed_on() {
    let address = server().await;
    let somebody = Middleware::new().propagate_to("127.0.0.1").unwrap();
    let sent = capture_async_with(options().traces_sample_rate(0.0), async {
        transaction("test", "root")
            .instrument(async {
                let headers = echoed(Client::new().get(format!("http://{address}/headers")), &somebody).await;
                assert!(headers["sentry-trace"].ends_with("-0"), "{headers:?}");
            })
            .await;
    })
    .await;
    assert!(sent.transactions.is_empty());
}

/// Sends again, as `reqwest-retry` does: with the request as it was and the same extensions.
struct Retry;

#[async_trait]
impl reqwest_middleware::Middleware for Retry {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        loop {
            let again = request.try_clone().expect("no stream");
            let answer = next.clone().run(again, extensions).await?;
            if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
                return Ok(answer);
            }
        }
    }
}

#[tokio::test]
async fn attempts_are_children_of_the_whole() {
    let address = server().await;
    let monitored = Middleware::new().propagate_to("*").unwrap();
    let client = ClientBuilder::new(Client::new()).with(monitored.clone()).with(Retry).with(monitored).build();
    let mut headers = Headers::new();
    let sent = below_a_root(async {
        headers = client.get(format!("http://{address}/third")).send().await.unwrap().json().await.unwrap();
    })
    .await;
    let whole = the_span(&sent);
    assert_eq!(whole.data.get("http.request.resend_count"), None);
    let attempts = sent.children(whole);
    let told: Vec<_> = attempts
        .iter()
        .map(|span| {
            (span.status.unwrap(), span.data.get("http.request.resend_count").and_then(serde_json::Value::as_u64))
        })
        .collect();
    let away = SpanStatus::Unavailable;
    assert_eq!(told, [(away, None), (away, Some(1)), (SpanStatus::Ok, Some(2))]);
    assert!(headers["sentry-trace"].contains(&attempts[2].id.to_string()), "the parent is the attempt: {headers:?}");
    assert_eq!(headers["baggage"].matches("sentry-trace_id").count(), 1);
}

#[capture_errors(category = "integration")]
async fn ask(address: SocketAddr) -> reqwest::Result<Response> {
    Client::new().get(format!("http://{address}/?token=secret")).send_monitored().await
}

#[tokio::test]
async fn no_answer() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    let sent = below_a_root(async { assert!(ask(closed).await.is_err()) }).await;
    let span = sent.span(&format!("GET http://{closed}/")).unwrap();
    assert_eq!((span.status, &span.data["error.type"]), (Some(SpanStatus::Unavailable), &"connect".into()));
    let [event] = &sent.events[..] else { panic!("reported once: {:?}", sent.events) };
    assert_eq!(event.tags["error.category"], "integration");
    let crumb = event.breadcrumbs.iter().find(|crumb| crumb.category.as_deref() == Some("http")).unwrap();
    assert_eq!((crumb.ty.as_str(), &crumb.data["reason"]), ("http", &"connect".into()));

    let address = server().await;
    let sent = below_a_root(async {
        let request = Client::new().get(format!("http://{address}/hangs"));
        let error = request.timeout(Duration::from_millis(50)).send_monitored().await.unwrap_err();
        assert!(error.is_timeout());
    })
    .await;
    let span = the_span(&sent);
    assert_eq!((span.status, &span.data["error.type"]), (Some(SpanStatus::DeadlineExceeded), &"timeout".into()));

    let sent = below_a_root(async {
        let waits = Client::new().get(format!("http://{address}/hangs")).send_monitored();
        assert!(tokio::time::timeout(Duration::from_millis(50), waits).await.is_err());
    })
    .await;
    assert_eq!(the_span(&sent).status, Some(SpanStatus::Cancelled));
}

#[tokio::test]
async fn a_request_that_cannot_be_built_fails_as_before() {
    let sent = below_a_root(async {
        let error = Client::new().get("no url").send_monitored().await.unwrap_err();
        assert!(error.is_builder());
    })
    .await;
    assert!(spans(&sent).is_empty());
}
