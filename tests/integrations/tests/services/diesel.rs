//! diesel against SQLite.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use sentry_core::protocol::{SpanStatus, Value};
use watchpost::diesel::{Monitor, instrumentation};
use watchpost::sql::{Database, Limits};
use watchpost::testing::{Captured, capture};
use watchpost::{capture_errors, transaction};

const SECRET: &str = "tr0ub4dor-and-3";

fn connection() -> SqliteConnection {
    let mut connection = SqliteConnection::establish(":memory:").expect("in memory");
    connection.batch_execute("CREATE TABLE barbers (name TEXT UNIQUE NOT NULL)").expect("a table");
    connection.set_instrumentation(Monitor::new().database(Database::new("sqlite").namespace("shop")));
    connection
}

fn sent(work: impl FnOnce()) -> Captured {
    capture(|| transaction("test", "root").run(work))
}

fn below(sent: &Captured) -> Vec<(&str, &str, SpanStatus)> {
    let root = sent.span("root").expect("a transaction");
    let spans = sent.children(root);
    spans.iter().map(|span| (&*span.op, &*span.name, span.status.expect("a status"))).collect()
}

fn insert(connection: &mut SqliteConnection) -> QueryResult<usize> {
    diesel::sql_query("INSERT INTO barbers VALUES (?)").bind::<Text, _>(SECRET).execute(connection)
}

#[test]
fn statements_are_spans_without_what_is_bound() {
    let mut connection = connection();
    let sent = sent(|| {
        connection
            .transaction(|connection| {
                insert(connection)?;
                connection.transaction(|connection| insert(connection).map(|_| ())).expect_err("taken");
                QueryResult::Ok(())
            })
            .expect("committed");
        diesel::sql_query(format!("SELECT name FROM barbers WHERE name = '{SECRET}'"))
            .execute(&mut connection)
            .expect("run");
    });
    let names: Vec<_> =
        below(&sent).iter().map(|(op, name, _)| (*op, name.split(" diesel").next().unwrap_or_default())).collect();
    assert_eq!(
        names,
        [
            ("db.transaction", "BEGIN"),
            ("db.query", "INSERT INTO barbers VALUES (?)"),
            ("db.transaction", "SAVEPOINT"),
            ("db.query", "INSERT INTO barbers VALUES (?)"),
            ("db.transaction", "ROLLBACK TO SAVEPOINT"),
            ("db.transaction", "COMMIT"),
            ("db.query", "SELECT name FROM barbers WHERE name = ?"),
        ]
    );
    let statuses: Vec<_> = below(&sent).iter().map(|(_, _, status)| *status).collect();
    assert_eq!((statuses[1], statuses[3]), (SpanStatus::Ok, SpanStatus::AlreadyExists));
    let span = sent.span("SELECT name FROM barbers WHERE name = ?").expect("a span");
    for (key, value) in [
        ("db.system.name", "sqlite"),
        ("db.namespace", "shop"),
        ("db.collection.name", "barbers"),
        ("sentry.origin", "auto.db.diesel"),
    ] {
        assert_eq!(span.data.get(key).and_then(Value::as_str), Some(value), "{key}");
    }
    assert!(sent.events.is_empty(), "a name that is taken is no event: {:?}", sent.events);
    assert!(!format!("{:?}", sent.envelopes).contains(SECRET));
}

#[derive(Debug, thiserror::Error)]
#[error("booking failed")]
struct BookingError(#[from] diesel::result::Error);

#[capture_errors(category = "booking")]
fn book(connection: &mut SqliteConnection, statement: &str) -> Result<usize, BookingError> {
    Ok(diesel::sql_query(statement).execute(connection)?)
}

#[test]
fn errors_are_reported_once() {
    let mut connection = connection();
    let sent = sent(|| {
        book(&mut connection, "INSERT INTO barbers VALUES (NULL)").expect_err("not null");
        book(&mut connection, "INSERT INTO barbers VALUES ('a'), ('a')").expect_err("taken");
    });
    let categories: Vec<_> = sent.events.iter().map(|event| event.tags["error.category"].as_str()).collect();
    assert_eq!(categories, ["booking", "booking"], "what programs count on is theirs to report");
}

diesel::table! {
    barbers (name) {
        name -> Text,
    }
}

/// A change of nothing, which diesel can make no statement of.
#[derive(AsChangeset)]
#[diesel(table_name = barbers)]
struct Change {
    name: Option<String>,
}

#[test]
fn a_query_that_cannot_be_written_is_an_error_as_it_was() {
    let mut connection = connection();
    let sent = sent(|| {
        let error = diesel::update(barbers::table).set(Change { name: None }).execute(&mut connection);
        assert!(matches!(error, Err(diesel::result::Error::QueryBuilderError(_))), "{error:?}");
        insert(&mut connection).expect("run");
    });
    assert_eq!(below(&sent), [("db.query", "INSERT INTO barbers VALUES (?)", SpanStatus::Ok)]);
}

#[test]
fn slow_statements_are_told_of_once() {
    let mut connection = connection();
    let zero = std::time::Duration::ZERO;
    connection.set_instrumentation(Monitor::new().limits(Limits::default().slow_after(zero)));
    let sent = sent(|| {
        for _ in 0..3 {
            diesel::sql_query("SELECT name FROM barbers WHERE name <> 'slow'").execute(&mut connection).expect("run");
        }
    });
    let messages: Vec<_> = sent.events.iter().filter_map(|event| event.message.as_deref()).collect();
    assert_eq!(messages, ["Slow query: SELECT name FROM barbers WHERE name <> ?"]);
}

#[test]
fn every_connection_of_the_program() {
    // The only test that sets it: the others have their own.
    diesel::connection::set_default_instrumentation(instrumentation).expect("set");
    let sent = sent(|| {
        let mut connection = SqliteConnection::establish(":memory:").expect("in memory");
        diesel::sql_query("SELECT 1").execute(&mut connection).expect("run");
        SqliteConnection::establish("/nowhere/at/all.db").map(|_| ()).expect_err("no such folder");
    });
    diesel::connection::set_default_instrumentation(|| None).expect("unset");
    let spans = below(&sent);
    assert_eq!(spans[0], ("db.connection", "connect", SpanStatus::Ok));
    assert!(spans.contains(&("db.query", "SELECT ?", SpanStatus::Ok)), "{spans:?}");
    assert_eq!(spans.last(), Some(&("db.connection", "connect", SpanStatus::Unavailable)));
    assert_eq!(sent.events.len(), 1);
    assert_eq!(sent.events[0].tags["error.category"], "database");
    assert_eq!(sent.transactions.len(), 1);
}
