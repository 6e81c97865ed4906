//! graphile_worker: `run` sees the job's row. Its hooks see the outcome alone and cannot be around the handler, so the attribute is what
//! is needed.

use std::time::Duration;

use graphile_worker::{IntoTaskHandlerResult, JobSpec, TaskHandler, WorkerContext, WorkerOptions};
use serde::{Deserialize, Serialize};
use watchpost::{TraceHeaders, monitored_task};
use watchpost_integration_tests::POSTGRES;

use crate::{Down, Error};

// [docs: graphile_worker
#[derive(Serialize, Deserialize)]
struct SendEmail {
    to: String,
    trace: TraceHeaders,
}

impl TaskHandler for SendEmail {
    const IDENTIFIER: &'static str = "send_email";

    async fn run(self, job: WorkerContext) -> impl IntoTaskHandlerResult {
        send_email(self, job).await
    }
}

// `run` says `impl ..`, behind which an outcome cannot be told: a function of its own can say it.
#[monitored_task("send_email", queue = "emails", id = job.job().id(), attempt = *job.job().attempts(),
    max_attempts = *job.job().max_attempts(), trace = email.trace)]
async fn send_email(email: SendEmail, job: WorkerContext) -> Result<(), Down> {
    send(&email.to, *job.job().attempts()).await
}
// docs]

async fn send(_to: &str, attempt: i16) -> Result<(), Down> {
    if attempt == 1 { Err(Down) } else { Ok(()) }
}

pub(crate) async fn run(name: &str) -> Result<(), Error> {
    let url = POSTGRES.url().ok_or("no server")?;
    let pool = sqlx::PgPool::connect(&url).await?;
    let schema = name.replace('-', "_");
    let worker = WorkerOptions::default().database_url(&url).schema(&schema).concurrency(1).define_job::<SendEmail>();
    let worker = worker.init().await?;
    crate::enqueue(async |trace| {
        let job = SendEmail { to: "alice".to_owned(), trace };
        worker.create_utils().add_job(job, JobSpec { max_attempts: Some(3), ..JobSpec::default() }).await?;
        Ok(())
    })
    .await?;
    let jobs = format!("SELECT 1 FROM {schema}._private_jobs");
    while sqlx::query(sqlx::AssertSqlSafe(jobs.clone())).fetch_optional(&pool).await?.is_some() {
        worker.run_once().await?;
        // A job that failed waits for some seconds; nobody here does.
        let at_once = format!("UPDATE {schema}._private_jobs SET run_at = now()");
        sqlx::query(sqlx::AssertSqlSafe(at_once)).execute(&pool).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    sqlx::query(sqlx::AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"))).execute(&pool).await?;
    Ok(())
}
