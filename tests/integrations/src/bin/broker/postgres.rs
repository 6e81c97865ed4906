//! A table of PostgreSQL from which jobs are claimed with `SKIP LOCKED`, for a time. The table counts claims and failures: the
//! difference was lost.

use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::types::Json;
use watchpost::TraceHeaders;
use watchpost_integration_tests::{POSTGRES, Server};

use super::{Delivery, Error, Job, LEASE, POLL, Queue};

pub(crate) struct Table {
    pool: PgPool,
    queue: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    row: i64,
    id: String,
    kind: String,
    trace: Json<TraceHeaders>,
    attempts: i32,
    failures: i32,
}

impl Queue for Table {
    const SYSTEM: &'static str = "postgresql";
    const SERVER: Server = POSTGRES;
    type Receipt = i64;

    async fn open(url: &str, name: &str) -> Result<Self, Error> {
        let pool = PgPoolOptions::new().max_connections(1).connect(url).await?;
        // Two processes may come here at once.
        sqlx::query("SELECT pg_advisory_lock(20261124)").execute(&pool).await?;
        sqlx::query(
            "CREATE TABLE IF NOT EXISTS watchpost_test_jobs (
                row bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, queue text NOT NULL, id text NOT NULL, kind text NOT NULL,
                trace jsonb NOT NULL, attempts int NOT NULL DEFAULT 0, failures int NOT NULL DEFAULT 0,
                free_at timestamptz NOT NULL DEFAULT now())",
        )
        .execute(&pool)
        .await?;
        sqlx::query("SELECT pg_advisory_unlock(20261124)").execute(&pool).await?;
        Ok(Self { pool, queue: name.to_owned() })
    }

    async fn push(&self, job: &Job, trace: &TraceHeaders) -> Result<(), Error> {
        sqlx::query("INSERT INTO watchpost_test_jobs (queue, id, kind, trace) VALUES ($1, $2, $3, $4)")
            .bind(&self.queue)
            .bind(&job.id)
            .bind(&job.kind)
            .bind(Json(trace))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn take(&mut self) -> Result<Delivery<i64>, Error> {
        let row: Row = loop {
            let claimed = sqlx::query_as(
                "UPDATE watchpost_test_jobs SET attempts = attempts + 1, free_at = now() + make_interval(secs => $2)
                WHERE row = (SELECT row FROM watchpost_test_jobs WHERE queue = $1 AND free_at <= now()
                    ORDER BY row FOR UPDATE SKIP LOCKED LIMIT 1)
                RETURNING row, id, kind, trace, attempts, failures",
            )
            .bind(&self.queue)
            .bind(LEASE.as_secs_f64())
            .fetch_optional(&self.pool)
            .await?;
            match claimed {
                Some(row) => break row,
                None => tokio::time::sleep(POLL).await,
            }
        };
        Ok(Delivery {
            job: Job { id: row.id, kind: row.kind },
            attempt: u32::try_from(row.attempts)?,
            lost: u32::try_from(row.attempts - 1 - row.failures)?,
            trace: row.trace.0,
            receipt: row.row,
        })
    }

    async fn done(&mut self, delivery: Delivery<i64>) -> Result<(), Error> {
        sqlx::query("DELETE FROM watchpost_test_jobs WHERE row = $1")
            .bind(delivery.receipt)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn again(&mut self, delivery: Delivery<i64>) -> Result<(), Error> {
        sqlx::query("UPDATE watchpost_test_jobs SET failures = failures + 1, free_at = now() WHERE row = $1")
            .bind(delivery.receipt)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn remove(self) -> Result<(), Error> {
        sqlx::query("DELETE FROM watchpost_test_jobs WHERE queue = $1").bind(&self.queue).execute(&self.pool).await?;
        Ok(())
    }
}
