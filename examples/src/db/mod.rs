//! The database: every statement but those of the queue.

mod rows;
mod statements;

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlSafeStr, Sqlite};
use watchpost::sqlx::MonitoredPool;

/// The pool. What is run on it is monitored: each statement is a span under its text, without what is bound to it.
#[derive(Debug, Clone)]
pub struct Database {
    pub(crate) pool: MonitoredPool<Sqlite>,
}

const MIGRATIONS: [(&str, &str); 3] = [
    ("shop", include_str!("../../migrations/0001_shop.sql")),
    ("appointments", include_str!("../../migrations/0002_appointments.sql")),
    ("jobs", include_str!("../../migrations/0003_jobs.sql")),
];

impl Database {
    /// Opens the file, creates it if it is not there, and brings its tables up to date.
    pub async fn open(file: &Path) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new().max_connections(5).connect_with(options).await?;
        let migration = |(version, (name, sql)): (i64, (&'static str, &'static str))| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        };
        Migrator::with_migrations((1..).zip(MIGRATIONS).map(migration).collect()).run(&pool).await?;
        Ok(Self { pool: MonitoredPool::new(pool).named("booking") })
    }

    /// Waits for what is under way and closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
