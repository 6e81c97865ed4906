//! actix-web over real HTTP: what the middleware has in common with the layer for axum is tested there; here what is its own.

use std::fmt;

use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, HttpServer, ResponseError, web};
use sentry_core::protocol::{SpanStatus, Url};
use sentry_core::{Hub, SentryFutureExt};
use watchpost::actix_web::Monitor;
use watchpost::testing::Captured;
use watchpost::{SentryUser, capture_errors};
use watchpost_integration_tests::web::capture_async;

#[derive(Debug)]
struct Boom;
impl fmt::Display for Boom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the till is stuck")
    }
}
impl std::error::Error for Boom {}
impl ResponseError for Boom {
    fn status_code(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

#[derive(SentryUser)]
struct Customer {
    #[user(id)]
    id: String,
}

fn by_header(request: &ServiceRequest) -> Option<Customer> {
    let id = request.headers().get("x-customer")?.to_str().ok()?;
    Some(Customer { id: id.to_owned() })
}

#[capture_errors(category = "till")]
async fn annotated() -> Result<HttpResponse, Boom> {
    Err(Boom)
}

async fn panics() -> HttpResponse {
    let empty: Vec<u8> = Vec::new();
    assert_eq!(empty.first(), Some(&7), "the handler has a bug");
    HttpResponse::Ok().finish()
}

/// Asks a server for these paths, each in the hub that is current here.
async fn captured(paths: &'static [&'static str]) -> Captured {
    capture_async(async move {
        let hub = Hub::current();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (started, handle) = std::sync::mpsc::channel();
        let server = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let hub = hub.clone();
                    App::new()
                        .wrap(Monitor::new().user(by_header).path_context("id", "customer"))
                        .wrap_fn(move |request, service| {
                            use actix_web::dev::Service;
                            let hub = std::sync::Arc::new(Hub::new_from_top(&hub));
                            Hub::run(hub.clone(), || service.call(request)).bind_hub(hub)
                        })
                        .route("/users/{id}", web::get().to(|| async { HttpResponse::Ok().body("a user") }))
                        .route("/boom", web::get().to(|| async { Err::<HttpResponse, _>(Boom) }))
                        .route("/annotated", web::get().to(annotated))
                        .route("/raw", web::get().to(HttpResponse::BadGateway))
                        .route("/panics", web::get().to(panics))
                        .service(web::scope("/api").route("/keys/{key}", web::get().to(HttpResponse::Ok)))
                        .route("/health", web::get().to(HttpResponse::Ok))
                });
                let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
                started.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = handle.recv().unwrap();
        for path in paths {
            let request = reqwest::Client::new().get(format!("http://{address}{path}")).header("x-customer", "anna");
            let _ = request.send().await;
        }
        handle.stop(true).await;
        server.join().unwrap();
    })
    .await
}

fn told(captured: &Captured) -> Vec<(&str, &str, SpanStatus)> {
    let roots = captured.spans.iter();
    roots.map(|root| (&*root.name, root.data["sentry.source"].as_str().unwrap(), root.status.unwrap())).collect()
}

#[tokio::test]
async fn requests_are_transactions_by_their_resource() {
    let captured = captured(&["/users/7", "/api/keys/9", "/nothing/here", "/health"]).await;
    assert_eq!(
        told(&captured),
        [
            ("GET /users/{id}", "route", SpanStatus::Ok),
            ("GET /api/keys/{key}", "route", SpanStatus::Ok),
            ("GET unmatched", "route", SpanStatus::NotFound),
        ]
    );
    let transaction = &captured.transactions[0];
    assert_eq!(transaction.user.as_ref().and_then(|user| user.id.as_deref()), Some("anna"));
    assert_eq!(transaction.tags["customer.id"], "7");
    assert_eq!(transaction.request.as_ref().and_then(|it| it.url.as_ref()).map(Url::path), Some("/users/7"));
    assert_eq!(captured.spans[0].data["http.route"], "/users/{id}");
    assert_eq!(captured.spans[0].data["sentry.origin"], "auto.http.actix_web");
    assert_eq!(captured.metrics.len(), 3);
}

#[tokio::test]
async fn the_handlers_error_is_reported_once() {
    for (path, expected, category) in [
        ("/boom", ("Boom", "the till is stuck"), None),
        ("/annotated", ("Boom", "the till is stuck"), Some("till")),
        ("/raw", ("ServerError", "GET /raw answered with 502"), Some("http")),
    ] {
        let captured = captured(Vec::leak(vec![path])).await;
        let [event] = &captured.events[..] else { panic!("{path}: {:?}", captured.events) };
        let exception = &event.exception.values[0];
        assert_eq!((exception.ty.as_str(), exception.value.as_deref().unwrap()), expected);
        assert_eq!(event.tags.get("error.category").map(String::as_str), category);
        assert_eq!(event.user.as_ref().and_then(|user| user.id.as_deref()), Some("anna"));
        assert!(event.transaction.as_deref().is_some_and(|name| name.ends_with(path)), "{:?}", event.transaction);
    }
}

/// The extractor of tokens is one for this framework too, whatever version of the `http` crate it has.
#[tokio::test]
async fn the_user_of_a_token() {
    use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, encode};
    use watchpost::jwt::JwtUser;

    #[derive(serde::Serialize, serde::Deserialize, SentryUser)]
    struct Claims {
        #[user(id)]
        sub: String,
        #[user(skip)]
        exp: u64,
    }
    let claims = Claims { sub: "17".into(), exp: 4_102_444_800 };
    let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(b"key")).unwrap();
    let captured = capture_async(async move {
        let user = JwtUser::<Claims>::new(DecodingKey::from_secret(b"key"), Validation::default()).unwrap();
        let app = App::new().wrap(Monitor::new().user(user)).route("/", web::get().to(HttpResponse::Ok));
        let app = actix_web::test::init_service(app).await;
        for header in [format!("Bearer {token}"), format!("Bearer {token}x")] {
            let request = actix_web::test::TestRequest::get().uri("/").insert_header(("authorization", header));
            actix_web::test::call_service(&app, request.to_request()).await;
        }
    })
    .await;
    let told = captured.transactions.iter().map(|transaction| {
        let id = transaction.user.as_ref().and_then(|user| user.id.as_deref());
        (id, transaction.tags["jwt.status"].as_str())
    });
    assert_eq!(told.collect::<Vec<_>>(), [(Some("17"), "valid"), (None, "wrong_signature")]);
}

#[tokio::test]
async fn a_panic_in_a_handler() {
    let captured = captured(&["/panics"]).await;
    assert_eq!(told(&captured), [("GET /panics", "route", SpanStatus::InternalError)]);
    assert_eq!(captured.events.len(), 1);
    assert_eq!(captured.metrics[0].attributes["error.type"].0, "panic");
}
