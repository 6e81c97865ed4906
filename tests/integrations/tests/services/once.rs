//! Once, through everything at a time: a statement that fails, annotated functions, the web layer, a log line, a task.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sqlx::Sqlite;
use sqlx::sqlite::SqlitePoolOptions;
use tower::ServiceExt;
use tracing_subscriber::layer::SubscriberExt as _;
use watchpost::axum::{HandlerError, MonitorLayer};
use watchpost::sqlx::MonitoredPool;
use watchpost::testing::Captured;
use watchpost::{SentryContext, capture_errors, monitor_performance, monitored_task};
use watchpost_integration_tests::web::capture_async;

#[derive(Debug, thiserror::Error)]
enum PriceError {
    #[error("the price list cannot be read")]
    Unreadable(#[from] sqlx::Error),
}

#[derive(Debug, thiserror::Error)]
#[error("no offer can be made")]
struct OfferError(#[source] PriceError);

impl IntoResponse for OfferError {
    fn into_response(self) -> Response {
        let answer = (StatusCode::INTERNAL_SERVER_ERROR, self.to_string());
        HandlerError::new(self).attach(answer)
    }
}

#[derive(SentryContext)]
struct ListContext {
    list: &'static str,
}

async fn pool() -> MonitoredPool<Sqlite> {
    MonitoredPool::new(SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap())
}

#[capture_errors(category = "prices", context = ListContext { list: "summer" })]
async fn price(pool: &MonitoredPool<Sqlite>) -> Result<i64, PriceError> {
    Ok(sqlx::query_scalar("SELECT price FROM nowhere").fetch_one(pool).await?)
}

#[monitor_performance]
#[capture_errors(category = "offers", tags(shop = "berlin"))]
async fn offer(pool: &MonitoredPool<Sqlite>) -> Result<i64, OfferError> {
    price(pool).await.map_err(OfferError)
}

/// Logs the error, then answers with it.
async fn handler(pool: MonitoredPool<Sqlite>) -> Result<String, OfferError> {
    match offer(&pool).await {
        Ok(price) => Ok(price.to_string()),
        Err(error) => {
            tracing::error!(error = &error as &(dyn std::error::Error + 'static), "no offer can be made");
            Err(error)
        }
    }
}

/// One event, made where the error was seen first, with what every level around says.
fn is_one_with_everything(sent: &Captured, events: usize) {
    assert_eq!(sent.events.len(), events, "{:#?}", sent.events);
    for event in &sent.events {
        assert_eq!(event.exception.last().map(|last| last.ty.as_str()), Some("sqlx_core::Error::Database"));
        assert_eq!(event.tags["error.category"], "database");
        assert_eq!(event.tags["shop"], "berlin");
        assert!(event.contexts.contains_key("list"), "{:?}", event.contexts);
        let stack = event.exception.last().and_then(|last| last.stacktrace.as_ref()).unwrap();
        let named =
            |name: &str| stack.frames.iter().any(|frame| frame.function.as_deref().is_some_and(|f| f.ends_with(name)));
        assert!(named("price") && named("offer"), "{:?}", stack.frames);
    }
}

#[tokio::test]
async fn from_the_database_through_functions_a_log_line_and_the_web_layer() {
    let _traced = tracing::subscriber::set_default(tracing_subscriber::registry().with(watchpost::tracing::layers()));
    let pool = pool().await;
    let app = Router::new().route("/offer", get(move || handler(pool.clone()))).layer(MonitorLayer::new());
    let sent = capture_async(async {
        // Twice: what is asked again and fails again is told again.
        for _ in 0..2 {
            let request = Request::get("/offer").body(Body::empty()).unwrap();
            assert_eq!(app.clone().oneshot(request).await.unwrap().status(), 500);
        }
    })
    .await;
    is_one_with_everything(&sent, 2);
    assert_ne!(sent.span_of(&sent.events[0]).unwrap().trace, sent.span_of(&sent.events[1]).unwrap().trace);
}

#[monitored_task("make_offer", queue = "offers", id = "7", attempt = attempt, max_attempts = 3)]
async fn make_offer(pool: &MonitoredPool<Sqlite>, attempt: u32) -> Result<i64, OfferError> {
    let offer = offer(pool).await;
    if let Err(error) = &offer {
        tracing::error!(error = error as &(dyn std::error::Error + 'static), "no offer can be made");
    }
    offer
}

#[tokio::test]
async fn from_the_database_through_functions_a_log_line_and_the_last_of_three_attempts() {
    let _traced = tracing::subscriber::set_default(tracing_subscriber::registry().with(watchpost::tracing::layers()));
    let pool = pool().await;
    let sent = capture_async(async {
        for attempt in 1..=3 {
            assert!(make_offer(&pool, attempt).await.is_err());
        }
    })
    .await;
    is_one_with_everything(&sent, 1);
    assert_eq!(sent.events[0].tags["task.name"], "make_offer");
}
