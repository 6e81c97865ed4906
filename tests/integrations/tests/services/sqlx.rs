//! sqlx against PostgreSQL, MariaDB and SQLite: the same tests on each.

mod layer;
mod support;

use std::time::Duration;

use futures_util::StreamExt as _;
use sentry_core::Level;
use sentry_core::protocol::{Context, SpanStatus, Value};
use sqlx::{Execute as _, Executor as _, Row as _, Statement as _};
use support::{Bench, SECRET, wire};
use watchpost::sql::Limits;
use watchpost::sqlx::{MonitorExt as _, MonitoredPool, monitored_transaction};
use watchpost::testing::{Captured, CapturedSpan, capture_async};
use watchpost::{capture_errors, monitor_performance, transaction};

#[derive(Debug, thiserror::Error)]
enum BookingError {
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    #[error("not available: {0}")]
    Said(String),
}

/// What is sent while the future runs inside a transaction.
async fn sent(work: impl Future<Output = ()>) -> Captured {
    capture_async(transaction("test", "root").instrument(work)).await
}

fn root(sent: &Captured) -> &CapturedSpan {
    sent.span("root").expect("there is a transaction")
}

/// What is below the root: operation, name, status; but for waiting for connections, which takes as long as the machine is busy.
fn below(sent: &Captured) -> Vec<(&str, &str, SpanStatus)> {
    let spans = sent.children(root(sent)).into_iter().filter(|span| span.op != "db.connection");
    spans.map(|span| (&*span.op, &*span.name, span.status.expect("a status"))).collect()
}

/// How waiting for connections ended.
fn waits(sent: &Captured) -> Vec<SpanStatus> {
    let spans = sent.spans.iter().filter(|span| span.op == "db.connection" && span.name == "acquire");
    spans.filter_map(|span| span.status).collect()
}

fn context<'a>(sent: &'a Captured, at: usize, name: &str) -> &'a sentry_core::protocol::Map<String, Value> {
    match sent.events[at].contexts.get(name) {
        Some(Context::Other(context)) => context,
        other => panic!("{name}: {other:?} in {:?}", sent.events[at].contexts),
    }
}

fn tag<'a>(sent: &'a Captured, at: usize, key: &str) -> Option<&'a str> {
    sent.events[at].tags.get(key).map(String::as_str)
}

use SpanStatus::{Aborted, AlreadyExists, Cancelled, Ok as Well};

macro_rules! on {
    ($module:ident, $DB:ty, $system:literal, $one:literal, $returning:literal) => {
        mod $module {
            use super::*;

            type Db = $DB;

            async fn pool(table: &str) -> Option<MonitoredPool<Db>> {
                let bare = <Db as Bench>::pool(4).await?;
                let table = format!("wp_{}_{table}", $system);
                for statement in [
                    format!("DROP TABLE IF EXISTS {table}"),
                    format!("CREATE TABLE {table} (id INT NOT NULL UNIQUE, name VARCHAR(100))"),
                ] {
                    bare.execute(sqlx::AssertSqlSafe(statement)).await.expect("a table");
                }
                Some(MonitoredPool::new(bare))
            }

            #[tokio::test]
            async fn statements_are_spans_without_values() {
                let Some(pool) = pool("names").await else { return };
                let sent = sent(async {
                    let insert = concat!("INSERT INTO wp_", $system, "_names (id, name) VALUES (1, ", $one, ")");
                    sqlx::query(insert).bind(SECRET).execute(&pool).await.expect("inserted");
                    let select = format!(
                        "SELECT id,\n  name FROM wp_{}_names WHERE name <> '{SECRET}' OR id IN (1, 2, 3)",
                        $system
                    );
                    let select = || sqlx::AssertSqlSafe(select.clone());
                    let rows = sqlx::query(select()).fetch_all(&pool).await.expect("rows");
                    assert_eq!(rows.len(), 1);
                    let row = sqlx::query(select()).fetch_one(&pool).await.expect("a row");
                    assert_eq!(row.get::<String, _>("name"), SECRET);
                    let none = concat!("SELECT id FROM wp_", $system, "_names WHERE id = 9");
                    let none: Option<(i32,)> = sqlx::query_as(none).fetch_optional(&pool).await.expect("no row");
                    assert_eq!(none, None);
                    let many: Vec<i32> = sqlx::query_scalar(select()).fetch_all(&pool).await.expect("a column");
                    assert_eq!(many, [1]);
                })
                .await;
                let select = concat!("SELECT id, name FROM wp_", $system, "_names WHERE name <> ? OR id IN (?)");
                let insert = concat!("INSERT INTO wp_", $system, "_names (id, name) VALUES (?, ", $one, ")");
                let none = concat!("SELECT id FROM wp_", $system, "_names WHERE id = ?");
                let expected = [insert, select, select, none, select].map(|name| ("db.query", name, Well));
                assert_eq!(below(&sent), expected);
                let mut spans = sent.children(root(&sent));
                spans.retain(|span| span.op == "db.query");
                let rows = |at: usize| spans[at].data.get("db.response.returned_rows").and_then(Value::as_u64);
                assert_eq!([0, 1, 2, 3, 4].map(rows), [None, Some(1), Some(1), Some(0), Some(1)]);
                let table = concat!("wp_", $system, "_names");
                for (key, value) in [
                    ("db.system.name", $system),
                    ("db.operation.name", "SELECT"),
                    ("db.collection.name", table),
                    ("db.query.summary", concat!("SELECT wp_", $system, "_names")),
                    ("sentry.origin", "auto.db.sqlx"),
                ] {
                    assert_eq!(spans[1].data.get(key).and_then(Value::as_str), Some(value), "{key}");
                }
                for (key, expected) in <Db as Bench>::whereabouts() {
                    assert_eq!(spans[1].data.get(key), expected.as_ref(), "{key}");
                }
                assert!(!wire(&sent).contains(SECRET), "{}", wire(&sent));
                assert!(sent.events.is_empty(), "{:?}", sent.events);
            }

            #[tokio::test]
            async fn every_kind_of_executor() {
                let Some(pool) = pool("executors").await else { return };
                let sent = sent(async {
                    sqlx::query("SELECT 1").execute(pool.inner().monitored()).await.expect("a pool");
                    let mut bare = pool.inner().acquire().await.expect("a connection");
                    sqlx::query("SELECT 2 AS a").execute((&mut *bare).monitored()).await.expect("a connection");
                    drop(bare);
                    let mut bare = pool.inner().begin().await.expect("a transaction");
                    sqlx::query("SELECT 3 AS b").execute((&mut *bare).monitored()).await.expect("a transaction");
                    bare.rollback().await.expect("rolled back");
                    let mut connection = pool.acquire().await.expect("a connection");
                    sqlx::query("SELECT 4 AS c").execute(&mut *connection).await.expect("monitored");
                    let mut transaction = connection.begin().await.expect("a transaction");
                    sqlx::query("SELECT 5 AS d").fetch_one(&mut *transaction).await.expect("monitored");
                    transaction.commit().await.expect("committed");
                    drop(connection);
                    sqlx::raw_sql("SELECT 6 AS e").fetch_all(&pool).await.expect("raw");
                    let mut built = sqlx::QueryBuilder::<Db>::new("SELECT 7 AS f WHERE 1 = ");
                    built.push_bind(1);
                    built.build().fetch_all(&pool).await.expect("built");
                    // Wrapped twice is told of once.
                    sqlx::query("SELECT 8 AS g").execute((&pool).monitored()).await.expect("twice");
                })
                .await;
                let where_one = concat!("SELECT ? AS f WHERE ? = ", $returning);
                let expected = [
                    ("db.query", "SELECT ?"),
                    ("db.query", "SELECT ? AS a"),
                    ("db.query", "SELECT ? AS b"),
                    ("db.query", "SELECT ? AS c"),
                    ("db.transaction", "BEGIN"),
                    ("db.query", "SELECT ? AS d"),
                    ("db.transaction", "COMMIT"),
                    ("db.query", "SELECT ? AS e"),
                    ("db.query", where_one),
                    ("db.query", "SELECT ? AS g"),
                ];
                assert_eq!(below(&sent), expected.map(|(op, name)| (op, name, Well)));
                assert!(waits(&sent).contains(&Well), "a connection that is asked for is told of");
            }

            #[tokio::test]
            async fn prepared_statements() {
                let Some(pool) = pool("prepared").await else { return };
                let sent = sent(async {
                    let mut connection = pool.acquire().await.expect("a connection");
                    let text = sqlx::SqlSafeStr::into_sql_str(concat!(
                        "SELECT name FROM wp_",
                        $system,
                        "_prepared WHERE name = ",
                        $one
                    ));
                    let statement = connection.prepare(text).await.expect("prepared");
                    for name in [SECRET, "b"] {
                        let query = statement.query().bind(name);
                        assert!(query.statement().is_some());
                        assert!(query.fetch_optional(&mut *connection).await.expect("run").is_none());
                    }
                })
                .await;
                let text = concat!("SELECT name FROM wp_", $system, "_prepared WHERE name = ", $one);
                let prepare = format!("PREPARE {text}");
                let expected = [("db.query", &*prepare), ("db.query", text), ("db.query", text)];
                assert_eq!(below(&sent), expected.map(|(op, name)| (op, name, Well)));
                assert!(!wire(&sent).contains(SECRET));
            }

            #[capture_errors(category = "booking")]
            async fn book(pool: &MonitoredPool<Db>, statement: &'static str) -> Result<(), BookingError> {
                Ok(store(pool, statement).await?)
            }

            #[monitor_performance]
            async fn store(pool: &MonitoredPool<Db>, statement: &'static str) -> Result<(), sqlx::Error> {
                sqlx::query(statement).execute(pool).await?;
                Ok(())
            }

            #[capture_errors(category = "booking")]
            async fn book_and_say(pool: &MonitoredPool<Db>, statement: &'static str) -> Result<(), BookingError> {
                // The source is lost.
                store(pool, statement).await.map_err(|err| BookingError::Said(err.to_string()))
            }

            #[tokio::test]
            async fn an_unexpected_error_is_reported_once() {
                let Some(pool) = pool("errors").await else { return };
                let sent = sent(async {
                    book(&pool, "SELECT nothing FROM wp_no_such_table WHERE a = 'hunter2'")
                        .await
                        .expect_err("no table");
                    book_and_say(&pool, "SELECT other FROM wp_no_such_table").await.expect_err("no table");
                })
                .await;
                assert_eq!(sent.events.len(), 2, "{:#?}", sent.events);
                assert_eq!(tag(&sent, 0, "error.category"), Some("database"));
                assert_eq!(tag(&sent, 0, "db.system.name"), Some($system));
                let error = context(&sent, 0, "database_error");
                let statement = "SELECT nothing FROM wp_no_such_table WHERE a = ?";
                assert_eq!(error.get("statement").and_then(Value::as_str), Some(statement));
                let state = <Db as Bench>::NO_TABLE;
                assert_eq!(error.get("code").and_then(Value::as_str), Some(state));
                assert_eq!(tag(&sent, 0, "db.sqlstate"), Some(state).filter(|state| state.len() == 5));
                let span = sent.span(statement).expect("a span");
                assert_eq!(sent.span_of(&sent.events[0]).map(|span| &*span.name), Some(statement), "its own span");
                assert_ne!(span.status, Some(Well));
                assert_eq!(span.data.get("db.response.status_code").and_then(Value::as_str), Some(state));
                assert!(!wire(&sent).contains("hunter2"));
                let crumb = sent.events[1].breadcrumbs.iter().find(|crumb| crumb.category.as_deref() == Some("query"));
                let crumb = crumb.expect("the first statement left a breadcrumb");
                assert_eq!((crumb.message.as_deref(), crumb.level), (Some(statement), Level::Warning));
            }

            #[tokio::test]
            async fn an_error_that_programs_count_on_is_theirs_to_report() {
                let Some(pool) = pool("unique").await else { return };
                let insert = concat!("INSERT INTO wp_", $system, "_unique (id, name) VALUES (1, 'hunter2')");
                let sent = sent(async {
                    store(&pool, insert).await.expect("the first");
                    let taken = store(&pool, insert).await.expect_err("taken");
                    assert!(taken.as_database_error().is_some_and(|err| err.is_unique_violation()));
                })
                .await;
                assert!(sent.events.is_empty(), "{:?}", sent.events);
                let spans: Vec<_> = sent.spans.iter().filter(|span| span.op == "db.query").collect();
                assert_eq!(spans[1].status, Some(AlreadyExists));
                assert_eq!(spans[1].data.get("error.type").and_then(Value::as_str), Some("unique_violation"));

                let sent = super::sent(async {
                    book(&pool, insert).await.expect_err("taken");
                    sqlx::query("SELECT 1 WHERE 1 = 2").fetch_one(&pool).await.expect_err("no row");
                })
                .await;
                assert_eq!(sent.events.len(), 1, "{:?}", sent.events);
                assert_eq!(tag(&sent, 0, "error.category"), Some("booking"));
                assert!(!wire(&sent).contains("hunter2"), "{}", wire(&sent));
            }

            #[tokio::test]
            async fn who_wants_no_reports_gets_none() {
                let Some(pool) = pool("silent").await else { return };
                let pool = pool.report_if(|_| false);
                let sent = sent(async {
                    store(&pool, "SELECT a FROM wp_no_such_table").await.expect_err("no table");
                    book(&pool, "SELECT b FROM wp_no_such_table").await.expect_err("no table");
                })
                .await;
                assert_eq!(sent.events.len(), 1);
                assert_eq!(tag(&sent, 0, "error.category"), Some("booking"));
            }

            #[tokio::test]
            async fn slow_queries_are_told_of_once_a_minute() {
                let Some(pool) = pool("slow").await else { return };
                let zero = Duration::ZERO;
                let slow = pool.clone().limits(Limits::default().slow_after(zero));
                let very_slow = pool.clone().limits(Limits::default().slow_after(zero).very_slow_after(zero));
                let text = concat!("SELECT id FROM wp_", $system, "_slow WHERE name <> 'hunter2'");
                let sent = sent(async {
                    for _ in 0..3 {
                        sqlx::query(text).fetch_all(&slow).await.expect("slow");
                    }
                    for _ in 0..3 {
                        sqlx::query(text).fetch_all(&very_slow).await.expect("very slow");
                    }
                    sqlx::query(text).fetch_all(&pool).await.expect("not slow");
                })
                .await;
                let levels: Vec<_> = sent.events.iter().map(|event| event.level).collect();
                assert_eq!(levels, [Level::Warning, Level::Error]);
                let name = concat!("SELECT id FROM wp_", $system, "_slow WHERE name <> ?");
                assert_eq!(sent.events[0].message.as_deref(), Some(&*format!("Slow query: {name}")));
                assert_eq!(context(&sent, 0, "slow_query").get("statement").and_then(Value::as_str), Some(name));
                assert_eq!(tag(&sent, 0, "error.category"), Some("database"));
                assert_eq!(tag(&sent, 0, "db.system.name"), Some($system));
                assert!(sent.transactions[0].tags.is_empty(), "tags of the event are the event's alone");
                let slow = sent.spans_named(name).filter(|span| span.data.get("slow") == Some(&true.into()));
                assert_eq!(slow.count(), 6);
                assert!(!wire(&sent).contains("hunter2"));
            }

            #[tokio::test]
            async fn streams_end_with_their_last_row() {
                let Some(pool) = pool("streams").await else { return };
                let text = concat!("SELECT id FROM wp_", $system, "_streams ORDER BY id");
                for id in 0..5 {
                    let insert = format!("INSERT INTO wp_{}_streams (id) VALUES ({id})", $system);
                    pool.inner().execute(sqlx::AssertSqlSafe(insert)).await.expect("inserted");
                }
                // A consumer that takes its time makes nothing slow.
                let pool = pool.limits(Limits::default().slow_after(Duration::from_millis(400)));
                let sent = sent(async {
                    let mut rows = sqlx::query(text).fetch(&pool);
                    let mut ids = Vec::new();
                    while let Some(row) = rows.next().await {
                        ids.push(row.expect("a row").get::<i32, _>(0));
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    assert_eq!(ids, [0, 1, 2, 3, 4]);
                    assert!(rows.next().await.is_none() && rows.next().await.is_none());
                    let mut rows = sqlx::query(text).fetch(&pool);
                    rows.next().await.expect("one").expect("row");
                    watchpost::span("test", "not below the stream").run(|| ());
                })
                .await;
                assert_eq!(
                    below(&sent),
                    [("db.query", text, Well), ("db.query", text, Cancelled), ("test", "not below the stream", Well)]
                );
                let spans: Vec<_> = sent.spans_named(text).collect();
                let rows = |at: usize| spans[at].data.get("db.response.returned_rows").and_then(Value::as_u64);
                assert_eq!([0, 1].map(rows), [Some(5), Some(1)]);
                assert!(spans[0].data.contains_key("db.response.first_row_ms"));
                assert!(sent.events.is_empty(), "{:?}", sent.events);
            }

            #[tokio::test]
            async fn transactions_commit_and_roll_back() {
                let Some(pool) = pool("transactions").await else { return };
                let insert = concat!("INSERT INTO wp_", $system, "_transactions (id) VALUES (1)");
                let sent = sent(async {
                    let id = monitored_transaction(&pool, |mut tx| async move {
                        sqlx::query(insert).execute(&mut *tx).await?;
                        Ok::<_, sqlx::Error>(17)
                    })
                    .await;
                    assert_eq!(id.expect("committed"), 17);
                    let failed = monitored_transaction(&pool, |mut tx| async move {
                        sqlx::query("SELECT 2 AS a").execute(&mut *tx).await?;
                        Err::<(), _>(BookingError::Said("no".to_owned()))
                    })
                    .await;
                    assert!(matches!(failed, Err(BookingError::Said(_))));
                    let mut outer = pool.begin().await.expect("begun");
                    let mut inner = outer.begin().await.expect("a savepoint");
                    sqlx::query("SELECT 3 AS b").execute(&mut *inner).await.expect("inside");
                    inner.rollback().await.expect("back");
                    outer.begin().await.expect("a savepoint").commit().await.expect("released");
                    drop(outer);
                })
                .await;
                let insert = concat!("INSERT INTO wp_", $system, "_transactions (id) VALUES (?)");
                let sessions: Vec<_> = sent.spans.iter().filter(|span| span.op == "db.session").collect();
                assert_eq!(sessions.iter().map(|span| span.status).collect::<Vec<_>>(), [Some(Well), Some(Aborted)]);
                let inside = |at: usize| {
                    let spans = sent.children(sessions[at]).into_iter().filter(|span| span.op != "db.connection");
                    spans.map(|span| &*span.name).collect::<Vec<_>>()
                };
                assert_eq!(inside(0), ["BEGIN", insert, "COMMIT"]);
                assert_eq!(inside(1), ["BEGIN", "SELECT ? AS a", "ROLLBACK"]);
                let names: Vec<_> = below(&sent).iter().map(|(_, name, _)| *name).collect();
                assert_eq!(
                    names,
                    [
                        "transaction",
                        "transaction",
                        "BEGIN",
                        "SAVEPOINT",
                        "SELECT ? AS b",
                        "ROLLBACK TO SAVEPOINT",
                        "SAVEPOINT",
                        "RELEASE SAVEPOINT",
                        "ROLLBACK",
                    ]
                );
                let rows = sqlx::query("SELECT 1").fetch_all(pool.inner()).await.expect("the pool still works");
                assert_eq!(rows.len(), 1);
            }

            #[tokio::test]
            async fn a_transaction_that_panics_or_is_given_up_is_rolled_back() {
                let Some(pool) = pool("given_up").await else { return };
                let insert = concat!("INSERT INTO wp_", $system, "_given_up (id) VALUES (1)");
                let sent = sent(async {
                    let given_up = monitored_transaction(&pool, |mut tx| async move {
                        sqlx::query(insert).execute(&mut *tx).await?;
                        std::future::pending::<Result<(), sqlx::Error>>().await
                    });
                    tokio::time::timeout(Duration::from_millis(300), given_up).await.expect_err("given up");
                })
                .await;
                let session = sent.spans.iter().find(|span| span.op == "db.session").expect("a session");
                assert_eq!(session.status, Some(Cancelled));
                let spans = sent.children(session).into_iter().filter(|span| span.op != "db.connection");
                let inside: Vec<_> = spans.map(|span| &*span.name).collect();
                let insert = concat!("INSERT INTO wp_", $system, "_given_up (id) VALUES (?)");
                assert_eq!(inside, ["BEGIN", insert, "ROLLBACK"]);
                let count: i64 = sqlx::query_scalar(concat!("SELECT COUNT(*) FROM wp_", $system, "_given_up"))
                    .fetch_one(pool.inner())
                    .await
                    .expect("a count");
                assert_eq!(count, 0);
            }

            #[tokio::test]
            async fn a_pool_without_a_free_connection() {
                let Some(bare) = <Db as Bench>::pool(1).await else { return };
                let pool =
                    MonitoredPool::new(bare).named(concat!("small ", $system)).wait_limit(Duration::from_millis(50));
                let sent = sent(async {
                    let held = pool.acquire().await.expect("the only one");
                    let free = async {
                        tokio::time::sleep(Duration::from_millis(150)).await;
                        drop(held);
                    };
                    let query = sqlx::query("SELECT 1 AS waited").fetch_one(&pool);
                    tokio::join!(async { query.await.expect("run") }, free);
                    pool.measure();
                })
                .await;
                let warning = sent.events.iter().find(|event| event.level == Level::Warning).expect("a warning");
                assert_eq!(warning.message.as_deref(), Some(concat!("Connection pool is exhausted: small ", $system)));
                let Some(Context::Other(told)) = warning.contexts.get("connection_pool") else { panic!("{warning:?}") };
                assert_eq!((told.get("size"), told.get("max")), (Some(&1.into()), Some(&1.into())));
                assert_eq!(sent.events.len(), 1);
                let waits: Vec<_> = sent.spans.iter().filter(|span| span.op == "db.connection").collect();
                assert_eq!(waits.len(), 2, "{waits:?}");
                let took = waits[1].end.expect("an end").duration_since(waits[1].start).expect("in order");
                assert!(took >= Duration::from_millis(100), "{took:?}");
                let name = waits[1].data.get("db.client.connection.pool.name").and_then(Value::as_str);
                assert_eq!(name, Some(concat!("small ", $system)));
                for (name, value) in [("db.pool.size", 1.0), ("db.pool.max", 1.0)] {
                    let metric = sent.metrics.iter().rev().find(|metric| metric.name == name).expect("a gauge");
                    assert_eq!(metric.value, value, "{name}");
                    assert_eq!(metric.attributes.get("db.system.name"), Some(&$system.into()));
                }
            }

            #[tokio::test]
            async fn every_pool_has_a_warning_of_its_own() {
                let Some(bare) = <Db as Bench>::pool(1).await else { return };
                let sent = sent(async {
                    for _ in 0..8 {
                        // One after the other, so that the next may lie where the last one lay.
                        let pool = MonitoredPool::new(bare.clone()).wait_limit(Duration::ZERO);
                        for _ in 0..2 {
                            pool.acquire().await.expect("a connection");
                        }
                    }
                })
                .await;
                assert_eq!(sent.events.len(), 8);
            }

            #[tokio::test]
            async fn a_pool_that_gives_up() {
                let Some(bare) = <Db as Bench>::pool_that_waits(1, Duration::from_millis(200)).await else { return };
                let pool = MonitoredPool::new(bare);
                let sent = sent(async {
                    let _held = pool.acquire().await.expect("the only one");
                    let err = sqlx::query("SELECT 1 AS late").fetch_one(&pool).await.expect_err("none is free");
                    assert!(matches!(err, sqlx::Error::PoolTimedOut));
                    let mut rows = sqlx::query("SELECT 1 AS late").fetch(&pool);
                    assert!(rows.next().await.is_some_and(|row| row.is_err()) && rows.next().await.is_none());
                })
                .await;
                assert_eq!(sent.events[0].exception[0].ty, "sqlx_core::Error::PoolTimedOut");
                assert_eq!(tag(&sent, 0, "error.category"), Some("database"));
                assert_eq!(waits(&sent), [Well, SpanStatus::ResourceExhausted, SpanStatus::ResourceExhausted]);
                assert!(below(&sent).is_empty(), "no statement was run");
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn two_hundred_tasks_at_once() {
                let Some(pool) = pool("tasks").await else { return };
                let sent = capture_async(async {
                    use watchpost::InCurrentSpan as _;
                    let tasks: Vec<_> = (0..200)
                        .map(|number| {
                            let pool = pool.clone();
                            let work = async move {
                                let text = sqlx::AssertSqlSafe(format!("SELECT {number} AS a{number}"));
                                monitored_transaction(&pool, |mut tx| async move {
                                    sqlx::query(text).fetch_one(&mut *tx).await?;
                                    Ok::<_, sqlx::Error>(())
                                })
                                .await
                                .expect("run");
                            };
                            tokio::spawn(
                                transaction("test", format!("task {number}")).instrument(work).in_current_span(),
                            )
                        })
                        .collect();
                    for task in tasks {
                        task.await.expect("no panic");
                    }
                })
                .await;
                assert_eq!(sent.transactions.len(), 200);
                for number in 0..200 {
                    let task = sent.span(&format!("task {number}")).expect("a transaction");
                    let span = sent.span(&format!("SELECT ? AS a{number}")).expect("a statement");
                    let session = sent.parent(span).expect("a session");
                    assert_eq!((&*session.op, session.parent), ("db.session", Some(task.id)), "{number}");
                }
            }

            #[tokio::test]
            async fn where_nobody_listens_all_is_as_without() {
                let Some(pool) = pool("bare").await else { return };
                let one: (i32,) = sqlx::query_as("SELECT 1").fetch_one(&pool).await.expect("one");
                assert_eq!(one, (1,));
                sqlx::query("SELECT a FROM wp_no_such_table").fetch_one(&pool).await.expect_err("no table");
                monitored_transaction(&pool, async |mut tx| sqlx::query("SELECT 1").execute(&mut *tx).await)
                    .await
                    .expect("a transaction");
            }

            /// Sentry's conventions for databases, and what we add to them.
            #[tokio::test]
            async fn names_are_those_of_the_conventions() {
                let Some(pool) = pool("conventions").await else { return };
                let pool = pool.named("main").limits(Limits::default().slow_after(Duration::ZERO));
                let sent = sent(async {
                    let mut connection = pool.acquire().await.expect("a connection");
                    sqlx::query("SELECT 1").fetch_all(&mut *connection).await.expect("a row");
                    sqlx::query("SELECT a FROM wp_no_such_table")
                        .execute(&mut *connection)
                        .await
                        .expect_err("no table");
                    connection.begin().await.expect("begun").commit().await.expect("committed");
                })
                .await;
                support::check_conventions(&sent);
            }
        }
    };
}

on!(postgres, sqlx::Postgres, "postgresql", "$1", "$1");
on!(mysql, sqlx::MySql, "mysql", "?", "?");
on!(sqlite, sqlx::Sqlite, "sqlite", "?", "?");

#[tokio::test]
async fn a_statement_that_is_cancelled() {
    let Some(bare) = <sqlx::Postgres as Bench>::pool(2).await else { return };
    let pool = MonitoredPool::new(bare).limits(Limits::default().slow_after(Duration::from_millis(20)));
    let sent = sent(async {
        let slow = sqlx::query("SELECT pg_sleep(30) AS cancelled").fetch_one(&pool);
        tokio::time::timeout(Duration::from_millis(100), slow).await.expect_err("it takes too long");
    })
    .await;
    assert_eq!(below(&sent), [("db.query", "SELECT pg_sleep(?) AS cancelled", Cancelled)]);
    let message = sent.events[0].message.as_deref();
    assert_eq!(message, Some("Slow query: SELECT pg_sleep(?) AS cancelled"), "what is cut short was slow all the same");
    assert!(sent.spans.iter().any(|span| span.name.starts_with("SELECT") && span.data.contains_key("slow")));
}

#[tokio::test]
async fn a_statement_where_it_is_made_is_told_of_if_it_fails() {
    let Some(bare) = <sqlx::Sqlite as Bench>::pool(1).await else { return };
    let sent = sent(async {
        sqlx::query("SELECT a FROM wp_no_such_table").fetch_one((&bare).monitored()).await.expect_err("no table");
    })
    .await;
    let span = sent.span("SELECT a FROM wp_no_such_table").expect("a span");
    assert!(span.data["code.file.path"].as_str().is_some_and(|file| file.ends_with("sqlx.rs")), "{:?}", span.data);
}

/// A future of a spawned task has to be `Send`, whatever it awaits.
#[tokio::test]
async fn everything_can_be_spawned() {
    let Some(bare) = <sqlx::Sqlite as Bench>::pool(1).await else { return };
    let pool = MonitoredPool::new(bare);
    let task = tokio::spawn(async move {
        let mut names = vec!["a".to_owned()];
        let more = &mut names;
        monitored_transaction(&pool, |mut tx| async move {
            let name: String = sqlx::query_scalar("SELECT 'b'").fetch_one(&mut *tx).await?;
            more.push(name);
            Ok::<_, sqlx::Error>(())
        })
        .await?;
        let mut connection = pool.acquire().await?;
        sqlx::query("SELECT 1").execute(&mut *connection).await?;
        Ok::<_, sqlx::Error>(names)
    });
    assert_eq!(task.await.expect("no panic").expect("run"), ["a", "b"]);
}

/// A task that may be tried again reports none of its attempts but the last.
#[tokio::test]
async fn a_task_with_attempts_left_holds_back() {
    #[watchpost::monitored_task("sqlx_attempts", queue = "q", attempt = attempt, max_attempts = 2)]
    async fn work(pool: &MonitoredPool<sqlx::Sqlite>, attempt: u32) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT a FROM wp_no_such_table").execute(pool).await?;
        Ok(())
    }
    let Some(bare) = <sqlx::Sqlite as Bench>::pool(1).await else { return };
    let pool = MonitoredPool::new(bare);
    let first = capture_async(async {
        work(&pool, 1).await.expect_err("no table");
    })
    .await;
    assert!(first.events.is_empty(), "{:?}", first.events);
    let last = capture_async(async {
        work(&pool, 2).await.expect_err("no table");
    })
    .await;
    assert_eq!(last.events.len(), 1);
    assert_eq!(tag(&last, 0, "error.category"), Some("database"));
}
