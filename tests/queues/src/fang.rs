//! fang: `run` sees the task's own fields and no attempt, so each failure is reported.

use std::time::Duration;

use fang::asynk::async_queue::{AsyncQueue, AsyncQueueable};
use fang::asynk::async_worker_pool::AsyncWorkerPool;
use fang::{AsyncRunnable, FangError, async_trait};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use watchpost::{TraceHeaders, monitored_task};

use crate::{Down, Error};

// [docs: fang
#[derive(Serialize, Deserialize)]
struct SendEmail {
    to: String,
    trace: TraceHeaders,
}

#[typetag::serde]
#[async_trait]
impl AsyncRunnable for SendEmail {
    #[monitored_task("fang", queue = "fang", trace = self.trace)]
    async fn run(&self, _queue: &dyn AsyncQueueable) -> Result<(), FangError> {
        send(&self.to).await.map_err(|err| FangError { description: err.to_string() })
    }
    // docs]

    fn backoff(&self, _attempt: u32) -> u32 {
        0
    }
    // [docs: fang
}
// docs]

/// Fails the first time.
async fn send(_to: &str) -> Result<(), Down> {
    static TRIED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    if TRIED.swap(true, std::sync::atomic::Ordering::Relaxed) { Ok(()) } else { Err(Down) }
}

pub(crate) async fn run(url: &str, pool: &PgPool) -> Result<(), Error> {
    let migrations = crate::sources_of("fang")?.join("postgres_migrations/migrations");
    let setup = std::fs::read_to_string(migrations.join("2022-08-20-151615_create_fang_tasks/up.sql"))?;
    sqlx::raw_sql(&setup).execute(pool).await?;

    let mut queue = AsyncQueue::builder().uri(url.to_owned()).max_pool_size(2_u32).build();
    queue.connect().await?;
    crate::enqueue("fang", async |trace| {
        let task = SendEmail { to: "alice".to_owned(), trace };
        Ok(queue.insert_task(&task as &dyn AsyncRunnable).await?)
    })
    .await?;
    let mut workers: AsyncWorkerPool<AsyncQueue> =
        AsyncWorkerPool::builder().number_of_workers(1_u32).queue(queue.clone()).build();
    workers.start().await;
    // What has come to an end is removed.
    while sqlx::query("SELECT 1 FROM fang_tasks").fetch_optional(pool).await?.is_some() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
