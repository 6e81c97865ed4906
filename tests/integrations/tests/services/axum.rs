//! axum over real HTTP: names, contexts, errors once, users kept apart, whatever the order of layers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use futures_util::{StreamExt, future, stream};
use hyper_util::rt::TokioIo;
use sentry_core::protocol::{Context, EnvelopeItem, Event, SpanStatus};
use sentry_core::{ClientOptions, Level, SentryFutureExt, SessionMode};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Barrier, Notify};
use tower::{Layer, Service, ServiceExt};
use watchpost::axum::{HandlerError, MonitorLayer, health_route, status_of};
use watchpost::capture::is_notice;
use watchpost::testing::{Captured, CapturedSpan, capture_async_with};
use watchpost::{Classify, SentryUser, TraceHeaders, capture_errors, monitor_performance};
use watchpost_integration_tests::web::{Served, capture_async, errors_alone, options};

#[derive(Debug, thiserror::Error, Classify)]
enum ShopError {
    #[error("the card was declined")]
    #[classify(category = "payment", level = "warning", status = "failed_precondition", http = 502)]
    Declined,
    #[error("no such appointment")]
    #[classify(expected, http = 404)]
    NoAppointment,
    #[error("closed for today")]
    #[classify(ignore, http = 503)]
    Closed,
}

impl IntoResponse for ShopError {
    fn into_response(self) -> Response {
        let answer = (status_of(&self), self.to_string());
        HandlerError::classified(self).attach(answer)
    }
}

/// An error without a word of its own on the answer.
struct Mute(ShopError);
impl IntoResponse for Mute {
    fn into_response(self) -> Response {
        status_of(&self.0).into_response()
    }
}

#[capture_errors(category = "shop")]
async fn pay(outcome: Result<(), ShopError>) -> Result<(), ShopError> {
    tokio::task::yield_now().await;
    outcome
}

fn routes() -> Router {
    Router::new()
        .route("/users/{id}", get(|Path(id): Path<u32>| async move { format!("user {id}") }))
        .route("/appointments/{appointment_id}", get(|| async { "an appointment" }))
        .route("/raw", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/declined", get(|| async { ShopError::Declined }))
        .route("/declined/annotated", get(|| async { pay(Err(ShopError::Declined)).await }))
        .route("/declined/mute", get(|| async { pay(Err(ShopError::Declined)).await.map_err(Mute) }))
        .route("/missing", get(|| async { ShopError::NoAppointment }))
        .route("/closed", get(|| async { ShopError::Closed }))
        .route("/panics", get(panics))
        .route("/health", health_route())
        .route("/echo", post(|body: Bytes| async move { body }))
        .route("/stream", get(streamed))
        .route("/headers", get(|| async { axum::Json(TraceHeaders::current()) }))
        .nest("/api", Router::new().route("/keys/{key}", get(|| async { "a key" })))
}

async fn panics() {
    let empty: Vec<u8> = Vec::new();
    assert_eq!(empty.first(), Some(&7), "the handler has a bug");
}

async fn streamed() -> Body {
    let chunks = stream::iter(["one ", "two ", "three"]).then(|chunk| async move {
        tokio::task::yield_now().await;
        Ok::<_, std::io::Error>(chunk)
    });
    Body::from_stream(chunks)
}

/// One GET; the status, and what was said.
async fn fetch(served: &Served, path: &str) -> (u16, String) {
    let response = reqwest::get(served.url(path)).await.expect("it answers");
    let status = response.status().as_u16();
    (status, response.text().await.expect("the answer has a text"))
}

async fn captured(path: &'static str) -> Captured {
    captured_by(MonitorLayer::new(), path).await
}

async fn captured_by(layer: MonitorLayer, path: &'static str) -> Captured {
    capture_async(async move {
        let served = Served::start(routes().layer(layer)).await;
        fetch(&served, path).await;
    })
    .await
}

fn only(captured: &Captured) -> &CapturedSpan {
    let [root] = &captured.spans[..] else { panic!("not one span: {}", captured.tree()) };
    root
}

fn exceptions<'a>(event: &'a Event<'static>) -> Vec<(&'a str, &'a str)> {
    event.exception.values.iter().map(|it| (it.ty.as_str(), it.value.as_deref().unwrap_or_default())).collect()
}

#[tokio::test]
async fn a_request_is_a_transaction_by_its_route() {
    let captured = captured("/users/7?page=2").await;
    let root = only(&captured);
    assert_eq!((root.name.as_str(), root.op.as_str()), ("GET /users/{id}", "http.server"));
    assert_eq!((root.status, root.is_root), (Some(SpanStatus::Ok), true));
    assert_eq!(root.data["sentry.source"], "route");
    let request = captured.transactions[0].request.as_ref().expect("the request is told");
    assert_eq!(request.method.as_deref(), Some("GET"));
    assert!(request.url.as_ref().is_some_and(|url| url.path() == "/users/7" && url.query().is_none()));
    assert_eq!(request.query_string.as_deref(), Some("page=2"));
    assert!(
        request.headers.keys().all(|name| ["accept", "host", "user-agent"].contains(&name.as_str())),
        "{request:?}"
    );
    assert_eq!(captured.transactions[0].tags["http.time_class"], "fast");
}

/// The names of Sentry's conventions, with the types that they have there; ours own and the code's place beside them.
#[tokio::test]
async fn data_by_the_conventions() {
    type Convention = (&'static str, fn(&Value) -> bool);
    let conventions: [Convention; 11] = [
        ("http.request.method", Value::is_string),
        ("http.response.status_code", Value::is_u64),
        ("http.route", Value::is_string),
        ("url.scheme", Value::is_string),
        ("url.path", Value::is_string),
        ("url.query", Value::is_string),
        ("server.address", Value::is_string),
        ("server.port", Value::is_u64),
        ("client.address", Value::is_string),
        ("user_agent.original", Value::is_string),
        ("sentry.origin", |origin| origin == "auto.http.axum"),
    ];
    let layer = MonitorLayer::new().client_address(|_| Some(IpAddr::from([192, 0, 2, 7])));
    let options = options().send_default_pii(true);
    let captured = capture_async_with(options, async move {
        let served = Served::start(routes().layer(layer)).await;
        let client = reqwest::Client::builder().user_agent("test/1").build().unwrap();
        client.get(served.url("/users/7?page=2")).send().await.unwrap();
    })
    .await;
    let root = only(&captured);
    for (key, is_right) in conventions {
        assert!(root.data.get(key).is_some_and(is_right), "{key}: {:?}", root.data.get(key));
    }
    let known = |key: &str| conventions.iter().any(|(known, _)| *known == key);
    let others: Vec<_> = root.data.keys().filter(|key| !known(key)).map(String::as_str).collect();
    assert!(others.iter().all(|key| *key == "sentry.source" || key.starts_with("async.")), "{others:?}");
    assert_eq!(captured.transactions[0].request.as_ref().unwrap().env["REMOTE_ADDR"], "192.0.2.7");
}

#[tokio::test]
async fn the_clients_address_only_with_personal_data() {
    let layer = MonitorLayer::new().client_address(|_| panic!("nobody may ask"));
    let captured = captured_by(layer, "/users/7").await;
    assert!(!only(&captured).data.contains_key("client.address"));
    assert!(captured.transactions[0].request.as_ref().unwrap().env.is_empty());
}

/// The layer is put wherever it may be put by mistake: around the router, inside of it, on routes, twice.
#[tokio::test]
async fn the_order_of_layers_does_not_matter() {
    async fn names<S>(service: S) -> Vec<(String, Value)>
    where
        S: Service<Request, Response = Response, Error = std::convert::Infallible> + Clone + Send + Sync + 'static,
        S::Future: Send,
    {
        let captured = capture_async(async move {
            let served = Served::start(service).await;
            for path in ["/users/7", "/api/keys/9", "/nothing/here/12"] {
                fetch(&served, path).await;
            }
        })
        .await;
        captured.spans.iter().map(|root| (root.name.clone(), root.data["sentry.source"].clone())).collect()
    }
    let is = |told: Vec<(String, Value)>, expected: &[(&str, &str)]| {
        let told: Vec<_> = told.iter().map(|(name, source)| (name.as_str(), source.as_str().unwrap())).collect();
        assert_eq!(told, expected);
    };
    let by_route = [("GET /users/{id}", "route"), ("GET /api/keys/{key}", "route"), ("GET unmatched", "route")];
    is(names(routes().layer(MonitorLayer::new())).await, &by_route);
    is(names(routes().route_layer(MonitorLayer::new())).await, &by_route[..2]);
    let by_path = [("GET /users/*", "url"), ("GET /api/keys/*", "url"), ("GET unmatched", "route")];
    is(names(MonitorLayer::new().layer(routes())).await, &by_path);
    is(names(MonitorLayer::new().layer(routes().layer(MonitorLayer::new()))).await, &by_route);
    let other = axum::middleware::from_fn(|request, next: axum::middleware::Next| next.run(request));
    is(names(routes().layer(MonitorLayer::new()).layer(other.clone())).await, &by_route);
    is(names(routes().layer(other).layer(MonitorLayer::new())).await, &by_route);
    let nested = Router::new().route("/keys/{key}", get(|| async { "a key" })).layer(MonitorLayer::new());
    let nested = Router::new().nest("/api", nested).route("/users/{id}", get(|| async {}));
    is(names(nested.layer(MonitorLayer::new())).await, &by_route);
}

/// Hyper's own server, and a service that is no router.
#[tokio::test]
async fn a_plain_service_under_hyper() {
    let captured = capture_async(async {
        let service = tower::service_fn(|request: hyper::Request<hyper::body::Incoming>| async move {
            match request.uri().path() {
                "/fails" => Err(std::io::Error::other("no answer")),
                _ => Ok(hyper::Response::new("an answer".to_owned())),
            }
        });
        let service = MonitorLayer::new().layer(service);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = async {
            reqwest::get(format!("http://{address}/orders/1234")).await.unwrap();
            reqwest::get(format!("http://{address}/fails")).await.unwrap_err();
        };
        let server = async {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = hyper_util::service::TowerToHyperService::new(service.clone());
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            }
        };
        tokio::select! { () = client => {}, _ = server => {} }
    })
    .await;
    let told: Vec<_> = captured.spans.iter().map(|span| (span.name.as_str(), span.status.unwrap())).collect();
    assert_eq!(told, [("GET /orders/*", SpanStatus::Ok), ("GET /fails", SpanStatus::InternalError)]);
    assert_eq!(exceptions(&captured.events[0]), [("ServerError", "GET /fails failed without an answer")]);
}

#[tokio::test]
async fn an_answer_of_500_is_reported() {
    let captured = captured("/raw").await;
    assert_eq!(only(&captured).status, Some(SpanStatus::InternalError));
    let [event] = &captured.events[..] else { panic!("{:?}", captured.events) };
    assert_eq!(exceptions(event), [("ServerError", "GET /raw answered with 500")]);
    assert_eq!(event.transaction.as_deref(), Some("GET /raw"));
    assert_eq!(event.tags["error.category"], "http");
    assert_eq!(event.request.as_ref().and_then(|request| request.method.as_deref()), Some("GET"));
    assert_eq!(captured.span_of(event).map(|span| span.name.as_str()), Some("GET /raw"));
}

#[tokio::test]
async fn which_statuses_are_errors_is_the_programs_to_say() {
    let none = MonitorLayer::new().failed_statuses([]);
    assert!(captured_by(none, "/raw").await.events.is_empty());
    let not_found = MonitorLayer::new().failed_statuses([404..=404]);
    let captured = captured_by(not_found, "/no/such/page").await;
    assert_eq!(exceptions(&captured.events[0]), [("ServerError", "GET unmatched answered with 404")]);
    assert_eq!(captured.events[0].transaction.as_deref(), Some("GET unmatched"));
}

/// The handler's own error, once: with and without an annotation on the way, with and without it on the answer.
#[tokio::test]
async fn the_handlers_error_is_reported_once() {
    let own = ("ShopError::Declined", "the card was declined");
    for (path, category) in [("/declined", "payment"), ("/declined/annotated", "shop"), ("/declined/mute", "shop")] {
        let captured = captured(path).await;
        let [event] = &captured.events[..] else { panic!("{path}: {:?}", captured.events) };
        assert_eq!(exceptions(event), [own], "{path}");
        assert_eq!(event.tags["error.category"], category, "{path}");
        assert_eq!(event.level, Level::Warning, "{path}");
        assert!(event.request.is_some(), "{path}");
    }
    assert_eq!(only(&captured("/declined").await).status, Some(SpanStatus::FailedPrecondition));
}

#[tokio::test]
async fn what_is_expected_or_ignored_is_no_event() {
    let missing = captured_by(MonitorLayer::new().failed_statuses([400..=599]), "/missing").await;
    assert!(missing.events.is_empty());
    assert_eq!(only(&missing).status, Some(SpanStatus::NotFound));
    assert!(captured("/closed").await.events.is_empty());
}

/// The panic goes on, the span has ended and the event is there.
#[tokio::test]
async fn a_panic_in_a_handler() {
    let captured = capture_async(async {
        let served = Served::start(routes().layer(MonitorLayer::new())).await;
        reqwest::get(served.url("/panics")).await.expect_err("the connection is closed");
    })
    .await;
    let root = only(&captured);
    assert_eq!((root.name.as_str(), root.status), ("GET /panics", Some(SpanStatus::InternalError)));
    let [event] = &captured.events[..] else { panic!("{:?}", captured.events) };
    assert!(exceptions(event)[0].1.contains("the handler has a bug"));
    assert_eq!(event.transaction.as_deref(), Some("GET /panics"));
    assert_eq!(captured.metrics[0].attributes["error.type"].0, "panic");
    assert!(event.request.as_ref().and_then(|request| request.url.as_ref()).is_some());
}

/// A layer between the handler and ours has made an answer of the panic: the panic is reported, the answer is not.
#[tokio::test]
async fn a_panic_that_became_an_answer_is_reported_once() {
    use futures_util::FutureExt;
    let catching = axum::middleware::from_fn(|request, next: axum::middleware::Next| async move {
        let caught = std::panic::AssertUnwindSafe(next.run(request)).catch_unwind().await;
        caught.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    });
    let captured = capture_async(async move {
        let served = Served::start(routes().layer(catching).layer(MonitorLayer::new())).await;
        assert_eq!(fetch(&served, "/panics").await.0, 500);
    })
    .await;
    assert_eq!(captured.events.len(), 1);
    assert_eq!(captured.events[0].level, Level::Fatal);
}

#[tokio::test]
async fn a_client_that_goes_away() {
    let captured = capture_async(async {
        let (begun, dropped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        struct Gone(Arc<Notify>);
        impl Drop for Gone {
            fn drop(&mut self) {
                self.0.notify_one();
            }
        }
        let handler = {
            let (begun, dropped) = (begun.clone(), dropped.clone());
            move || async move {
                let _gone = Gone(dropped);
                begun.notify_one();
                future::pending::<()>().await;
            }
        };
        let app = Router::new().route("/slow", get(handler)).layer(MonitorLayer::new());
        let served = Served::start(app).await;
        let mut client = TcpStream::connect(served.address).await.unwrap();
        client.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        begun.notified().await;
        drop(client);
        dropped.notified().await;
    })
    .await;
    assert_eq!(only(&captured).status, Some(SpanStatus::Cancelled));
    assert!(captured.events.is_empty());
    let metric = &captured.metrics[0];
    assert_eq!(metric.attributes["error.type"].0, "cancelled");
}

#[tokio::test]
async fn bodies_pass_as_they_are() {
    let captured = capture_async(async {
        let served = Served::start(routes().layer(MonitorLayer::new())).await;
        assert_eq!(fetch(&served, "/stream").await, (200, "one two three".to_owned()));
        let body = vec![7_u8; 1 << 20];
        let echo = reqwest::Client::new().post(served.url("/echo")).body(body.clone()).send().await.unwrap();
        assert_eq!(echo.bytes().await.unwrap(), body);
    })
    .await;
    assert_eq!(captured.transactions.len(), 2);
}

/// The transaction is over with the answer's head: the stream is open as long as it likes.
#[tokio::test]
async fn an_endless_stream_is_answered_at_once() {
    let captured = capture_async(async {
        let endless = || async { Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>("tick "))) };
        let served = Served::start(Router::new().route("/ticks", get(endless)).layer(MonitorLayer::new())).await;
        let mut response = reqwest::get(served.url("/ticks")).await.unwrap();
        assert!(response.chunk().await.unwrap().is_some());
    })
    .await;
    assert_eq!(only(&captured).status, Some(SpanStatus::Ok));
}

#[tokio::test]
async fn a_connection_is_upgraded() {
    let captured = capture_async(async {
        let upgrade = |request: Request| async move {
            tokio::spawn(async move {
                let upgraded = hyper::upgrade::on(request).await.expect("it is upgraded");
                let mut upgraded = TokioIo::new(upgraded);
                let mut asked = [0; 4];
                upgraded.read_exact(&mut asked).await.unwrap();
                upgraded.write_all(&asked).await.unwrap();
            });
            (StatusCode::SWITCHING_PROTOCOLS, [("connection", "upgrade"), ("upgrade", "echo")])
        };
        let served = Served::start(Router::new().route("/echo", any(upgrade)).layer(MonitorLayer::new())).await;
        let mut client = TcpStream::connect(served.address).await.unwrap();
        client
            .write_all(b"GET /echo HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nping")
            .await
            .unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        assert!(String::from_utf8_lossy(&answer).ends_with("\r\n\r\nping"));
    })
    .await;
    assert_eq!(only(&captured).status, Some(SpanStatus::Ok));
    assert_eq!(only(&captured).data["http.response.status_code"], 101);
}

#[tokio::test]
async fn probes_are_skipped_and_answered() {
    let captured = capture_async(async {
        let layer = MonitorLayer::new().skip("/users/{id}");
        let served = Served::start(routes().layer(layer)).await;
        let (status, health) = fetch(&served, "/health").await;
        let health: Value = serde_json::from_str(&health).unwrap();
        assert_eq!((status, &health["status"], &health["sentry"]["enabled"]), (200, &"healthy".into(), &true.into()));
        fetch(&served, "/users/7").await;
        fetch(&served, "/metrics").await;
    })
    .await;
    assert!(captured.spans.is_empty(), "{}", captured.tree());
    let all = captured_by(MonitorLayer::new().skip_only(["/live"]), "/health").await;
    assert_eq!(only(&all).name, "GET /health");
}

#[tokio::test]
async fn of_a_sensitive_route_little_is_told() {
    let layer = MonitorLayer::new().sensitive("/api/keys/{key}").path_context("key", "vault");
    let captured = captured_by(layer, "/api/keys/hunter2?proof=abc").await;
    let root = only(&captured);
    assert_eq!((root.name.as_str(), root.data["url.path"].as_str()), ("GET /api/keys/{key}", Some("/api/keys/{key}")));
    assert!(!root.data.contains_key("url.query") && !root.data.contains_key("user_agent.original"));
    let request = captured.transactions[0].request.as_ref().unwrap();
    assert!(request.headers.is_empty() && request.query_string.is_none());
    let text = format!("{:?}", captured.transactions);
    assert!(!text.contains("hunter2") && !text.contains("abc"), "{text}");
}

#[tokio::test]
async fn a_parameter_of_the_path_is_business_context() {
    let layer = || MonitorLayer::new().path_context("appointment_id", "booking").path_context("id", "customer");
    let captured = captured_by(layer(), "/appointments/17").await;
    let transaction = &captured.transactions[0];
    assert_eq!(transaction.tags["booking.appointment_id"], "17");
    let Some(Context::Other(booking)) = transaction.contexts.get("booking") else { panic!("{transaction:?}") };
    assert_eq!(booking["appointment_id"], "17");
    assert!(!transaction.contexts.contains_key("customer"));
    assert!(!captured_by(layer(), "/raw").await.events[0].contexts.contains_key("booking"));
}

const TRACE: &str = "771a43a4192642f0b136d5159a501700";

#[tokio::test]
async fn a_trace_is_continued_with_its_baggage() {
    async fn headers(layer: MonitorLayer) -> (Captured, TraceHeaders) {
        let (told, heard) = std::sync::mpsc::channel();
        let captured = capture_async(async move {
            let served = Served::start(routes().layer(layer)).await;
            let request = reqwest::Client::new().get(served.url("/headers"));
            let request = request.header("sentry-trace", format!("{TRACE}-7c51afd529da4a2a-1"));
            let baggage = format!("sentry-trace_id={TRACE},sentry-release=web@1,other=1");
            let answer = request.header("baggage", baggage).send().await.unwrap();
            told.send(answer.json().await.unwrap()).unwrap();
        })
        .await;
        (captured, heard.recv().unwrap())
    }
    let (captured, onward) = headers(MonitorLayer::new()).await;
    let root = only(&captured);
    assert_eq!(root.trace.to_string(), TRACE);
    assert_eq!(root.parent.map(|parent| parent.to_string()).as_deref(), Some("7c51afd529da4a2a"));
    let parent = onward.parent().unwrap();
    assert_eq!((parent.trace_id.to_string().as_str(), parent.span_id), (TRACE, root.id));
    let baggage = onward.baggage().to_string();
    assert!(baggage.contains("sentry-release=web%401") && baggage.contains("other=1"), "{baggage}");

    let (captured, _) = headers(MonitorLayer::new().continue_traces(false)).await;
    assert_ne!(only(&captured).trace.to_string(), TRACE);
}

#[derive(SentryUser)]
struct Customer {
    #[user(id)]
    id: String,
    #[user(tag)]
    tier: &'static str,
}

fn by_header() -> MonitorLayer {
    MonitorLayer::new().user(|request: &Parts| {
        let id = request.headers.get("x-customer")?.to_str().ok()?;
        Some(Customer { id: id.to_owned(), tier: "gold" })
    })
}

#[tokio::test]
async fn the_user_is_on_events_and_on_the_transaction() {
    let captured = capture_async(async {
        let served = Served::start(routes().layer(by_header())).await;
        let request = reqwest::Client::new().get(served.url("/raw")).header("x-customer", "anna");
        request.send().await.unwrap();
        fetch(&served, "/raw").await;
    })
    .await;
    let id = |user: &Option<sentry_core::User>| user.as_ref().and_then(|user| user.id.clone());
    assert_eq!(captured.transactions.iter().map(|it| id(&it.user)).collect::<Vec<_>>(), [Some("anna".into()), None]);
    assert_eq!(captured.events.iter().map(|it| id(&it.user)).collect::<Vec<_>>(), [Some("anna".into()), None]);
    assert_eq!(captured.transactions[0].tags["user.tier"], "gold");
    assert!(!captured.transactions[1].tags.contains_key("user.tier"));
}

#[tokio::test]
async fn an_extractor_that_panics_changes_nothing() {
    let captured = capture_async(async {
        let layer = MonitorLayer::new().user(|_: &Parts| -> Option<Customer> { panic!("a bug") });
        let served = Served::start(routes().layer(layer)).await;
        assert_eq!(fetch(&served, "/users/7").await, (200, "user 7".to_owned()));
    })
    .await;
    assert_eq!(only(&captured).name, "GET /users/{id}");
}

const REQUESTS: usize = 10_000;

/// Answers only when as many requests as `at_once` are under way, whose user writes to the scope in every way there is.
fn visits(at_once: usize) -> Router {
    let all_are_here = Arc::new(Barrier::new(at_once));
    let handler = move |headers: HeaderMap| {
        let all_are_here = all_are_here.clone();
        async move {
            all_are_here.wait().await;
            let customer = headers["x-customer"].to_str().unwrap().to_owned();
            tokio::task::yield_now().await;
            watchpost::set_tag("customer", &customer);
            sentry_core::configure_scope(|scope| scope.set_tag("foreign", &customer));
            look_up().await;
            watchpost::capture_message(&format!("for {customer}"), Level::Info);
        }
    };
    Router::new().route("/visit", get(handler)).layer(by_header())
}

fn customer(at: usize) -> &'static str {
    if at.is_multiple_of(2) { "anna" } else { "bert" }
}

/// Ten thousand requests under way at once, of two users.
async fn of_two_users(options: ClientOptions) -> Captured {
    capture_async_with(options, async {
        let (app, hub) = (visits(REQUESTS), sentry_core::Hub::current());
        let requests = (0..REQUESTS).map(|at| {
            let request = Request::builder().uri("/visit").header("x-customer", customer(at));
            let answer = app.clone().oneshot(request.body(Body::empty()).unwrap());
            tokio::spawn(answer.bind_hub(hub.clone()))
        });
        for answer in requests.collect::<Vec<_>>() {
            assert_eq!(answer.await.unwrap().unwrap().status(), 200);
        }
    })
    .await
}

/// The same over connections, of which a system has not ten thousand to give: each asks fifty times, for both users in turn.
async fn of_two_users_by_http(options: ClientOptions) -> Captured {
    const CONNECTIONS: usize = 200;
    capture_async_with(options, async {
        let served = Served::start(visits(CONNECTIONS)).await;
        let client = reqwest::Client::new();
        let connections = (0..CONNECTIONS).map(|at| {
            let (client, url) = (client.clone(), served.url("/visit"));
            tokio::spawn(async move {
                for turn in 0..REQUESTS / CONNECTIONS {
                    let request = client.get(&url).header("x-customer", customer(at + turn));
                    assert_eq!(request.send().await.unwrap().status(), 200);
                }
            })
        });
        for connection in connections.collect::<Vec<_>>() {
            connection.await.unwrap();
        }
    })
    .await
}

#[monitor_performance]
async fn look_up() {
    tokio::task::yield_now().await;
}

fn of_one(user: Option<&sentry_core::User>, tags: &sentry_core::protocol::Map<String, String>) -> String {
    let user = user.and_then(|user| user.id.clone()).expect("there is a user");
    assert_eq!(tags.get("customer"), Some(&user));
    assert_eq!(tags.get("foreign"), Some(&user));
    user
}

fn half(users: impl Iterator<Item = String>) {
    let mut of_anna = 0;
    let all = users.inspect(|user| of_anna += usize::from(user == "anna")).count();
    assert_eq!((all, of_anna), (10_000, 5_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_requests_of_two_users_at_once() {
    are_kept_apart(&of_two_users(options()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_requests_of_two_users_by_http() {
    are_kept_apart(&of_two_users_by_http(options()).await);
}

/// Nothing of the one user is on anything of the other.
fn are_kept_apart(captured: &Captured) {
    half(captured.transactions.iter().map(|it| of_one(it.user.as_ref(), &it.tags)));
    half(captured.events.iter().map(|event| {
        let user = of_one(event.user.as_ref(), &event.tags);
        assert_eq!(event.message.as_deref(), Some(format!("for {user}").as_str()));
        user
    }));
}

/// Where nothing but errors is monitored, and where the traces are not sampled, scopes are kept apart as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_requests_without_a_trace() {
    for rate in [None, Some(0.0)] {
        let options = match rate {
            Some(rate) => errors_alone().traces_sample_rate(rate),
            None => errors_alone(),
        };
        let captured = of_two_users(options).await;
        assert!(captured.transactions.is_empty());
        half(captured.events.iter().map(|event| of_one(event.user.as_ref(), &event.tags)));
    }
}

#[tokio::test]
async fn the_duration_is_a_metric_whatever_is_sampled() {
    let options = options().traces_sample_rate(0.0);
    let captured = capture_async_with(options, async {
        let served = Served::start(routes().layer(MonitorLayer::new())).await;
        fetch(&served, "/users/7").await;
        fetch(&served, "/nothing").await;
        let odd = reqwest::Method::from_bytes(b"QWERTY").unwrap();
        reqwest::Client::new().request(odd, served.url("/users/7")).send().await.unwrap();
    })
    .await;
    assert!(captured.spans.is_empty());
    let told: Vec<_> = captured
        .metrics
        .iter()
        .map(|metric| {
            assert_eq!(metric.name, "http.server.request.duration");
            assert_eq!(metric.unit, Some("second".into()));
            assert!((0.0..60.0).contains(&metric.value));
            let get = |key: &str| metric.attributes.get(key).map(|value| value.0.to_string());
            (get("http.request.method"), get("http.route"), get("http.response.status_code"))
        })
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        told,
        [
            (some("\"GET\""), some("\"/users/{id}\""), some("200")),
            (some("\"GET\""), None, some("404")),
            (some("\"_OTHER\""), some("\"/users/{id}\""), some("405")),
        ]
    );
}

#[tokio::test]
async fn requests_are_sessions_where_the_client_counts_them() {
    let sessions = |mode| async move {
        let options = options().release("shop@1.0.0").auto_session_tracking(true).session_mode(mode);
        let captured = capture_async_with(options, async {
            let served = Served::start(routes().layer(MonitorLayer::new())).await;
            for path in ["/users/7", "/users/8", "/raw", "/panics"] {
                let _ = reqwest::get(served.url(path)).await;
            }
        })
        .await;
        let items = captured.envelopes.iter().flat_map(sentry_core::Envelope::items);
        let aggregates = items.filter_map(|item| match item {
            EnvelopeItem::SessionAggregates(sessions) => Some(sessions.aggregates.clone()),
            _ => None,
        });
        let counts: Vec<_> = aggregates.flatten().collect();
        let sum = |of: fn(&sentry_core::protocol::SessionAggregateItem) -> u32| counts.iter().map(of).sum::<u32>();
        (sum(|it| it.exited), sum(|it| it.errored), sum(|it| it.crashed))
    };
    assert_eq!(sessions(SessionMode::Request).await, (2, 1, 1));
    assert_eq!(sessions(SessionMode::Application).await, (0, 0, 0));
}

#[tokio::test]
async fn without_a_client_nothing_is_done() {
    let mut app =
        routes().layer(MonitorLayer::new().user(|_: &Parts| -> Option<Customer> { panic!("nobody listens") }));
    let switched_off = Arc::new(sentry_core::Client::with_options(errors_alone()));
    for client in [None, Some(switched_off)] {
        let nobody = Arc::new(sentry_core::Hub::new(client, Arc::default()));
        let request = Request::builder().uri("/users/7").body(Body::empty()).unwrap();
        let answer = sentry_core::Hub::run(nobody, || app.call(request)).await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}

/// That the documentation's way to the peer's address compiles and finds one.
#[tokio::test]
async fn the_peers_address_by_connect_info() {
    let found = |request: &Parts| request.extensions.get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| peer.ip());
    let captured = capture_async_with(options().send_default_pii(true), async move {
        let app = Router::new().route("/", get(|| async {})).layer(MonitorLayer::new().client_address(found));
        let mut request = Request::builder().uri("/").body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 80))));
        app.oneshot(request).await.unwrap();
    })
    .await;
    assert_eq!(only(&captured).data["client.address"], "192.0.2.1");
}

/// What leaves the process, over HTTP: redacted, with what the SDK's types have no place for in its place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_of_sentry_is_sent() {
    let receiver = watchpost_cli::Receiver::start(0).unwrap();
    let options = watchpost::Config::for_environment("development").dsn(&receiver.dsn()).debug(false).client_options();
    let client = Arc::new(sentry_core::Client::with_options(options));
    let hub = Arc::new(sentry_core::Hub::new(Some(client.clone()), Arc::default()));
    async {
        let layer = MonitorLayer::new().header("authorization").header("x-tenant");
        let served = Served::start(routes().layer(layer)).await;
        let request = reqwest::Client::new().get(served.url("/raw?page=2&access_token=hunter2"));
        request.bearer_auth("hunter3").header("x-tenant", "anna@example.com").send().await.unwrap();
    }
    .bind_hub(hub)
    .await;
    assert!(client.flush(Some(std::time::Duration::from_secs(10))));
    let items = receiver.items();
    let of_kind = |kind: &str| items.iter().find(|item| item.kind == kind).and_then(|item| item.json()).unwrap();
    let (event, transaction) = (of_kind("event"), of_kind("transaction"));
    assert_eq!(transaction["transaction"], "GET /raw");
    assert_eq!(transaction["transaction_info"]["source"], "route");
    let trace = &transaction["contexts"]["trace"];
    assert_eq!((&trace["origin"], &trace["op"]), (&"auto.http.axum".into(), &"http.server".into()));
    assert_eq!(trace["data"]["url.query"], "page=2&access_token=[REDACTED]");
    assert!(trace["data"].get("sentry.origin").is_none() && trace["data"].get("sentry.source").is_none());
    for request in [&event["request"], &transaction["request"]] {
        assert_eq!(request["query_string"], "page=2&access_token=[REDACTED]");
        assert_eq!(request["headers"]["authorization"], "[REDACTED]");
        assert!(!request.to_string().contains("anna@"));
    }
    let bytes = items.iter().filter_map(|item| item.json()).map(Value::to_string).collect::<String>();
    assert!(!bytes.contains("hunter"), "{bytes}");
}

#[tokio::test]
async fn a_sensitive_path_without_a_template_is_told_as_its_pattern() {
    let layer = MonitorLayer::new().sensitive("/reset/{token}").sensitive("/private/*");
    let answers =
        tower::service_fn(|_: Request| async { Ok::<_, std::convert::Infallible>(Response::new(Body::empty())) });
    let service = layer.layer(answers);
    let captured = capture_async(async {
        for path in ["/reset/kqzjxwordtoken", "/private/anna/diary"] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            service.clone().oneshot(request).await.unwrap();
        }
    })
    .await;
    let names: Vec<_> = captured.spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["GET /reset/*", "GET /private/**"]);
    let text = format!("{:?} {:?}", captured.transactions, captured.spans);
    for secret in ["kqzjxwordtoken", "anna", "diary"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[monitor_performance(slow = "1ms")]
async fn sluggish() {
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
}

/// What is told on the way, however bad, and whatever made it.
#[tokio::test]
async fn what_is_no_failure_does_not_hide_that_the_request_failed() {
    let app = Router::new().route(
        "/report",
        get(|| async {
            watchpost::observe_sql("SELECT total FROM takings_of_years", std::time::Duration::from_secs(6), None);
            watchpost::capture::capture_notice("the archive is being moved", Level::Error);
            sluggish().await;
            StatusCode::INTERNAL_SERVER_ERROR
        }),
    );
    let captured = capture_async(async move {
        let served = Served::start(app.layer(MonitorLayer::new())).await;
        fetch(&served, "/report").await;
    })
    .await;
    let (notices, failures): (Vec<_>, Vec<_>) = captured.events.iter().partition(|event| is_notice(event));
    let notices: Vec<_> = notices.iter().filter_map(|event| event.message.as_deref()).collect();
    assert_eq!(
        notices,
        ["Slow query: SELECT total FROM takings_of_years", "the archive is being moved", "Slow operation: sluggish"]
    );
    assert!(matches!(failures[..], [failure] if !failure.exception.values.is_empty()), "{failures:?}");
}
