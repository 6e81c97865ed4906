//! underway: a step gets its input and no attempt, so each failure is reported.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use underway::job::Context;
use underway::task::{Error as TaskError, RetryPolicy};
use underway::{Job, To};
use watchpost::{TraceHeaders, monitored_task};

use crate::{Down, Error};

// [docs: underway
#[derive(Clone, Serialize, Deserialize)]
struct SendEmail {
    to: String,
    trace: TraceHeaders,
}

#[monitored_task("underway", queue = "underway", trace = email.trace)]
async fn send_email(_step: Context<()>, email: SendEmail) -> underway::task::Result<To<()>> {
    send(&email.to).await.map_err(|err| TaskError::Retryable(err.to_string()))?;
    To::done()
}
// docs]

/// Fails the first time.
async fn send(_to: &str) -> Result<(), Down> {
    static TRIED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    if TRIED.swap(true, std::sync::atomic::Ordering::Relaxed) { Ok(()) } else { Err(Down) }
}

pub(crate) async fn run(pool: &PgPool) -> Result<(), Error> {
    underway::run_migrations(pool).await?;
    let policy = RetryPolicy::builder().initial_interval_ms(100).build();
    let job = Job::builder().step(send_email).retry_policy(policy).name("emails").pool(pool.clone()).build().await?;
    crate::enqueue("underway", async |trace| {
        job.enqueue(&SendEmail { to: "alice".to_owned(), trace }).await?;
        Ok(())
    })
    .await?;
    let running = job.start();
    let open = "SELECT 1 FROM underway.task WHERE state IN ('pending', 'in_progress')";
    while sqlx::query(open).fetch_optional(pool).await?.is_some() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    running.shutdown().await?;
    Ok(())
}
