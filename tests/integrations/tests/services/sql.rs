//! Statements observed by hand, where a driver has no integration of its own.

use std::time::Duration;

use sentry_core::protocol::{SpanStatus, Value};
use watchpost::sql::{Database, Failure, statement};
use watchpost::testing::capture;
use watchpost::{observe_sql, transaction};

#[derive(Debug, thiserror::Error)]
#[error("the server is gone")]
struct Gone;

#[test]
fn a_statement_that_is_over_is_a_span_of_its_length() {
    // The clock of spans begins with the first of them.
    capture(|| transaction("test", "first").run(|| ()));
    std::thread::sleep(Duration::from_millis(300));
    let sent = capture(|| {
        transaction("test", "root").run(|| {
            let shop = Database::new("sqlite").namespace("shop");
            let took = Duration::from_millis(250);
            observe_sql("SELECT a FROM t WHERE b = 'hunter2'", took, None);
            observe_sql("SELECT b FROM t", Duration::from_millis(1), Some(&Gone));
            statement("UPDATE t SET a = 1").database(&shop).record(took, Err(Failure::of(&Gone).expected(true)));
        });
        // Where nothing is open, nothing is recorded.
        observe_sql("SELECT c FROM t", Duration::ZERO, None);
    });
    assert_eq!(sent.transactions.len(), 1);
    let span = sent.span("SELECT a FROM t WHERE b = ?").unwrap();
    let took = span.end.unwrap().duration_since(span.start).unwrap();
    // The clock of spans is told apart from that of the caller by less than this.
    assert!((200..300).contains(&took.as_millis()), "{took:?}");
    assert_eq!(sent.parent(span).map(|parent| &*parent.name), Some("root"));
    assert_eq!(sent.events.len(), 1, "an error that is expected is no event");
    assert_eq!(sent.events[0].tags["error.category"], "database");
    let update = sent.span("UPDATE t SET a = ?").unwrap();
    assert_eq!(update.data.get("db.namespace").and_then(Value::as_str), Some("shop"));
    assert_eq!(update.status, Some(SpanStatus::InternalError));
}

#[test]
fn a_call_of_a_driver_is_observed_and_its_result_untouched() {
    let sent = capture(|| {
        transaction("test", "root").run(|| {
            assert_eq!(statement("SELECT 1").run(|| Ok::<_, Gone>(17)).ok(), Some(17));
            statement("SELECT 2 AS b").run(|| Err::<(), _>(Gone)).unwrap_err();
        });
    });
    assert_eq!(sent.tree(), "root\n  SELECT ?\n  SELECT ? AS b\n");
    assert_eq!(sent.events.len(), 1);
}
