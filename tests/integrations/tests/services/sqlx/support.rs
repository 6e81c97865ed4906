//! The three databases, and what is asked of everything that is sent.

use std::time::Duration;

use sentry_core::protocol::Value;
use sqlx::pool::PoolOptions;
use sqlx::{Database, MySql, Pool, Postgres, Sqlite};
use watchpost::testing::Captured;
use watchpost_integration_tests::{MYSQL, POSTGRES};

/// What is planted, and must not leave.
pub(crate) const SECRET: &str = "tr0ub4dor-and-3";

/// A database to test with.
pub(crate) trait Bench: Database {
    /// What it calls a table that is not there.
    const NO_TABLE: &'static str;

    fn url() -> Option<String>;

    /// Where it is, as spans have it.
    fn whereabouts() -> Vec<(&'static str, Option<Value>)>;

    async fn pool(size: u32) -> Option<Pool<Self>> {
        Self::pool_that_waits(size, Duration::from_secs(30)).await
    }

    async fn pool_that_waits(size: u32, limit: Duration) -> Option<Pool<Self>> {
        let url = Self::url()?;
        // An empty SQLite in memory is gone with its connection.
        let options = PoolOptions::<Self>::new().max_connections(size).min_connections(1).acquire_timeout(limit);
        let options = options.test_before_acquire(false);
        for _ in 0..100 {
            // A busy machine may take longer than the limit to connect.
            match options.clone().connect(&url).await {
                Err(sqlx::Error::PoolTimedOut) => {}
                pool => return Some(pool.expect("it answers")),
            }
        }
        panic!("no connection within the limit")
    }
}

fn server(url: &str) -> Vec<(&'static str, Option<Value>)> {
    let (host, port) = url
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map(|(authority, _)| authority.rsplit('@').next().unwrap_or_default())
        .and_then(|host| host.split_once(':'))
        .expect("host and port");
    let port = port.parse::<u16>().expect("a port");
    let namespace = url.rsplit('/').next().expect("a name");
    vec![
        ("server.address", Some(host.into())),
        ("server.port", Some(port.into())),
        ("db.namespace", Some(namespace.into())),
    ]
}

impl Bench for Postgres {
    const NO_TABLE: &'static str = "42P01";
    fn url() -> Option<String> {
        POSTGRES.url()
    }
    fn whereabouts() -> Vec<(&'static str, Option<Value>)> {
        server(&Self::url().expect("it was there"))
    }
}

impl Bench for MySql {
    const NO_TABLE: &'static str = "42S02";
    fn url() -> Option<String> {
        MYSQL.url()
    }
    fn whereabouts() -> Vec<(&'static str, Option<Value>)> {
        server(&Self::url().expect("it was there"))
    }
}

impl Bench for Sqlite {
    const NO_TABLE: &'static str = "1";
    fn url() -> Option<String> {
        // One for each pool: the connections of one share it.
        Some("sqlite::memory:".to_owned())
    }
    fn whereabouts() -> Vec<(&'static str, Option<Value>)> {
        vec![("server.address", None), ("server.port", None), ("db.namespace", None)]
    }
}

/// Everything that was sent, as text: spans as they were recorded, events as delivery leaves them, for a database quotes values in
/// messages of its own.
pub(crate) fn wire(sent: &Captured) -> String {
    let redactor = watchpost::redact::Redactor::new();
    let mut text = String::new();
    for transaction in &sent.transactions {
        text += &serde_json::to_string(transaction).expect("JSON");
    }
    for event in &sent.events {
        let mut event = event.clone();
        redactor.event(&mut event);
        text += &serde_json::to_string(&event).expect("JSON");
    }
    text
}

/// Operations and attributes of databases, by Sentry's conventions (`db.*`, `server.*`, `code.*`, `error.type`), and what we add.
pub(crate) fn check_conventions(sent: &Captured) {
    const OPS: [&str; 4] = ["db.query", "db.transaction", "db.session", "db.connection"];
    const ATTRIBUTES: [&str; 14] = [
        "db.system.name",
        "db.namespace",
        "db.operation.name",
        "db.collection.name",
        "db.query.summary",
        "db.response.status_code",
        "db.response.returned_rows",
        "db.client.connection.pool.name",
        "server.address",
        "server.port",
        "error.type",
        "code.file.path",
        "code.line.number",
        "sentry.origin",
    ];
    // No convention has a name for these.
    const OURS: [&str; 2] = ["slow", "db.response.first_row_ms"];
    // How a future was polled: the engine's.
    let is_engines = |key: &str| key.starts_with("async.");
    let mut seen = 0;
    for span in sent.spans.iter().filter(|span| !span.is_root) {
        assert!(OPS.contains(&&*span.op), "{}: {}", span.op, span.name);
        for (key, value) in &span.data {
            let is_known = ATTRIBUTES.contains(&&**key) || OURS.contains(&&**key) || is_engines(key);
            assert!(is_known, "{key} of {}", span.name);
            let is_number = ["server.port", "db.response.returned_rows", "code.line.number"].contains(&&**key);
            assert!(!is_number || value.is_number(), "{key}: {value}");
            seen += 1;
        }
    }
    assert!(seen > 10);
}
