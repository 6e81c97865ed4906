//! sqlxmq: the trace rides in the job's JSON; the attempt is not told, so each failure is reported.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::migrate::Migrator;
use sqlxmq::{CurrentJob, JobRegistry};
use watchpost::{TraceHeaders, monitored_task};

use crate::{Down, Error};

// [docs: sqlxmq
#[derive(Serialize, Deserialize)]
struct SendEmail {
    to: String,
    trace: TraceHeaders,
}

fn email(job: &CurrentJob) -> Option<SendEmail> {
    job.json().ok().flatten()
}

#[sqlxmq::job("emails")]
#[monitored_task("sqlxmq", queue = "sqlxmq", id = job.id(), trace = email(&job).map(|email| email.trace))]
async fn send_email(mut job: CurrentJob) -> Result<(), Error> {
    send(&email(&job).ok_or("no payload")?.to).await?;
    job.complete().await?;
    Ok(())
}
// docs]

/// Fails the first time.
async fn send(_to: &str) -> Result<(), Down> {
    static TRIED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    if TRIED.swap(true, std::sync::atomic::Ordering::Relaxed) { Ok(()) } else { Err(Down) }
}

pub(crate) async fn run(pool: &PgPool) -> Result<(), Error> {
    let migrations = crate::sources_of("sqlxmq")?.join("migrations");
    Migrator::new(migrations).await?.set_ignore_missing(true).run(pool).await?;
    crate::enqueue("sqlxmq", async |trace| {
        let email = SendEmail { to: "alice".to_owned(), trace };
        Ok(send_email.builder().set_json(&email)?.set_retry_backoff(Duration::from_millis(100)).spawn(pool).await?)
    })
    .await?;
    let _running = JobRegistry::new(&[send_email]).runner(pool).set_concurrency(1, 1).run().await?;
    let open = "SELECT 1 FROM mq_msgs WHERE id <> uuid_nil()";
    while sqlx::query(open).fetch_optional(pool).await?.is_some() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
