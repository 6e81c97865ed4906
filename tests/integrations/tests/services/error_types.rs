//! What an event calls the errors of sqlx and reqwest: real ones, with all that caused them.

use sentry_core::protocol::Event;
use sqlx::Connection as _;
use watchpost::capture_errors;
use watchpost::testing::{Captured, capture_async};

#[derive(Debug, thiserror::Error)]
enum Outage {
    #[error("the price list cannot be read")]
    Prices(#[from] sqlx::Error),
    #[error("the provider does not answer")]
    Provider(#[source] reqwest::Error),
}

#[capture_errors(category = "database")]
async fn asks(sql: &'static str) -> Result<i64, sqlx::Error> {
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await?;
    sqlx::query_scalar(sql).fetch_one(&mut connection).await
}

#[capture_errors(category = "prices", tags(shop = "berlin"))]
async fn reads(sql: &'static str) -> Result<i64, Outage> {
    Ok(asks(sql).await?)
}

/// Nothing listens there: the port was free a moment ago.
fn deserted() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/v1/charges", listener.local_addr().unwrap())
}

#[capture_errors(category = "integration")]
async fn calls(url: &str) -> Result<String, reqwest::Error> {
    reqwest::Client::builder().no_proxy().build()?.get(url).send().await?.text().await
}

#[capture_errors(category = "payment")]
async fn charges(url: &str) -> Result<String, Outage> {
    calls(url).await.map_err(Outage::Provider)
}

/// Type, module and text of each exception, the oldest first.
fn told(event: &Event<'_>) -> Vec<(String, Option<String>, String)> {
    let exceptions = event.exception.iter();
    exceptions.map(|one| (one.ty.clone(), one.module.clone(), one.value.clone().unwrap_or_default())).collect()
}

fn only(sent: &Captured) -> &Event<'static> {
    assert_eq!(sent.events.len(), 1, "{:#?}", sent.events);
    &sent.events[0]
}

#[tokio::test]
async fn a_query_that_fails_is_told_with_what_the_database_says() {
    let sent = capture_async(async { drop(asks("SELECT price FROM nowhere").await) }).await;
    let told = told(only(&sent));
    let (ty, module, text) = told.last().unwrap();
    assert_eq!((ty.as_str(), module.as_deref()), ("sqlx_core::Error::Database", Some("sqlx_core::error")));
    assert!(text.contains("no such table: nowhere"), "{text}");
    let (ty, _, text) = &told[0];
    assert!(told.len() > 1 && ty.contains("SqliteError"), "{told:?}");
    assert!(text.contains("no such table: nowhere"), "{text}");
}

#[tokio::test]
async fn a_row_that_is_not_there_is_its_own_variant() {
    let sent = capture_async(async { drop(asks("SELECT 1 WHERE 1 = 2").await) }).await;
    let told = told(only(&sent));
    assert_eq!((told.len(), told[0].0.as_str()), (1, "sqlx_core::Error::RowNotFound"));
}

#[tokio::test]
async fn wrapped_on_its_way_it_is_one_event_with_both_levels() {
    let sent = capture_async(async { drop(reads("SELECT price FROM nowhere").await) }).await;
    let event = only(&sent);
    assert_eq!(event.tags["error.category"], "database", "the innermost level sends it");
    assert_eq!(event.tags["shop"], "berlin", "with what the outer one says");
    assert_eq!(told(event).last().unwrap().0, "sqlx_core::Error::Database");
}

#[tokio::test]
async fn a_refused_connection_is_told_down_to_the_system() {
    let url = deserted();
    let sent = capture_async(async { drop(charges(&url).await) }).await;
    let event = only(&sent);
    let told = told(event);
    let (ty, module, text) = told.last().unwrap();
    assert_eq!((ty.as_str(), module.as_deref()), ("reqwest::Error", Some("reqwest::error")));
    assert!(text.contains("error sending request"), "{text}");
    let (ty, _, text) = &told[0];
    assert_eq!(ty, "io::Error::ConnectionRefused", "{told:?}");
    assert!(text.to_lowercase().contains("refused"), "{text}");
    assert_eq!(event.tags["error.category"], "integration");
}
