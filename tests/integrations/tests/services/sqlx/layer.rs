//! The layer for libraries that have a pool of their own.

use sqlx::{MySql, Postgres, Sqlite};
use tracing_subscriber::layer::SubscriberExt as _;
use watchpost::sqlx::MonitoredPool;

use super::support::{Bench, SECRET, check_conventions, wire};
use super::{Well, below, sent};

macro_rules! on {
    ($module:ident, $DB:ty, $one:literal) => {
        mod $module {
            use super::*;

            #[tokio::test]
            async fn statements_of_others_are_spans_and_ours_are_not_told_twice() {
                let Some(bare) = <$DB as Bench>::pool(1).await else { return };
                let _guard =
                    tracing::subscriber::set_default(tracing_subscriber::registry().with(watchpost::sqlx::layer()));
                let pool = MonitoredPool::new(bare.clone());
                let sent = sent(async {
                    let text = concat!("SELECT 1 AS a, 2 AS b, 'tr0ub4dor-and-3' AS c WHERE 'x' <> ", $one);
                    sqlx::query(text).bind(SECRET).fetch_all(&bare).await.expect("run");
                    sqlx::query("SELECT 2").fetch_optional(&bare).await.expect("run");
                    sqlx::query("SELECT 3 AS ours").fetch_optional(&pool).await.expect("run");
                    sqlx::query("SELECT 4 AS ours").fetch_all(&pool).await.expect("run");
                    let mut transaction = pool.begin().await.expect("begun");
                    sqlx::query("SELECT 5 AS ours").execute(&mut *transaction).await.expect("run");
                    transaction.commit().await.expect("committed");
                })
                .await;
                let first = concat!("SELECT ? AS a, ? AS b, ? AS c WHERE ? <> ", $one);
                let foreign = |name| ("db.query", name, Well);
                let mut expected = vec![foreign(first), foreign("SELECT ?")];
                if <$DB as sqlx::Database>::NAME == "SQLite" {
                    // Nobody can tell whose they are.
                    expected.clear();
                }
                expected.extend([
                    foreign("SELECT ? AS ours"),
                    foreign("SELECT ? AS ours"),
                    ("db.transaction", "BEGIN", Well),
                    foreign("SELECT ? AS ours"),
                    ("db.transaction", "COMMIT", Well),
                ]);
                assert_eq!(below(&sent), expected);
                assert!(!wire(&sent).contains(SECRET));
                check_conventions(&sent);
            }
        }
    };
}

on!(postgres, Postgres, "$1");
on!(mysql, MySql, "?");
on!(sqlite, Sqlite, "?");
