//! rusty-sidekiq: a middleware is around every job, below the one that retries.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sidekiq::{ChainIter, Job, Processor, RedisConnectionManager, RedisPool, ServerMiddleware, Worker, WorkerRef};
use watchpost::{TraceHeaders, task};
use watchpost_integration_tests::REDIS;

use crate::{Down, Error};

#[derive(Clone, Serialize, Deserialize)]
struct Email {
    to: String,
    trace: TraceHeaders,
}

struct SendEmail;

static ATTEMPTS: AtomicU32 = AtomicU32::new(0);

#[async_trait]
impl Worker<Email> for SendEmail {
    fn max_retries(&self) -> usize {
        2
    }

    async fn perform(&self, _email: Email) -> sidekiq::Result<()> {
        match ATTEMPTS.fetch_add(1, Ordering::Relaxed) {
            0 => Err(sidekiq::Error::Any(Box::new(Down))),
            _ => Ok(()),
        }
    }
}

// [docs: sidekiq
struct Monitor;

#[async_trait]
impl ServerMiddleware for Monitor {
    async fn call(&self, chain: ChainIter, job: &Job, worker: Arc<WorkerRef>, redis: RedisPool) -> sidekiq::Result<()> {
        // A job of sidekiq has no headers: the trace is a field of its arguments.
        let trace = job.args.pointer("/0/trace").and_then(|trace| TraceHeaders::deserialize(trace).ok());
        task(job.class.clone())
            .queue(job.queue.clone())
            .id(&job.jid)
            // 0 after the first failure.
            .attempt(job.retry_count.map_or(1, |retries| retries + 2))
            .max_attempts(worker.max_retries() + 1)
            .trace(&trace)
            .instrument_result(chain.next(job, worker, redis))
            .await
    }
}
// docs]

pub(crate) async fn run(name: &str) -> Result<(), Error> {
    let url = REDIS.url().ok_or("no server")?;
    let namespace = sidekiq::with_custom_namespace(name.to_owned());
    let redis =
        RedisPool::builder().connection_customizer(namespace).build(RedisConnectionManager::new(url.as_str())?).await?;
    crate::enqueue(async |trace| Ok(SendEmail::perform_async(&redis, Email { to: "alice".to_owned(), trace }).await?))
        .await?;

    let mut processor = Processor::new(redis, vec!["default".to_owned()]);
    processor.register(SendEmail);
    processor.using(Monitor).await;
    let stop = processor.get_cancellation_token();
    let running = tokio::spawn(processor.run());
    let mut connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    while ATTEMPTS.load(Ordering::Relaxed) < 2 {
        // A job that failed waits for a quarter of a minute; nobody here does.
        let retry = format!("{name}:retry");
        let waiting: Vec<String> = redis::cmd("ZRANGE").arg(&[&retry, "0", "-1"]).query_async(&mut connection).await?;
        for job in waiting {
            let _: () = redis::cmd("ZADD").arg(&[&retry, "XX", "0", &job]).query_async(&mut connection).await?;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.cancel();
    running.await?;
    let left: Vec<String> = redis::cmd("KEYS").arg(format!("{name}:*")).query_async(&mut connection).await?;
    for key in left {
        let _: () = redis::cmd("DEL").arg(key).query_async(&mut connection).await?;
    }
    Ok(())
}
