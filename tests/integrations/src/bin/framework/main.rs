//! Job frameworks as processes of their own: what `tests/services/frameworks.rs` starts, and what the guide quotes. A job fails once, and
//! is tried again.
//!
//! ```text
//! framework graphile|sidekiq|cron NAME     NAME tells this run's things on the server from those of others
//! ```

mod cron;
mod graphile;
mod sidekiq;

use std::time::Duration;

use watchpost::{TraceHeaders, publish_async, transaction};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Why the first attempt fails.
#[derive(Debug, thiserror::Error)]
#[error("the provider is down")]
struct Down;

#[watchpost::main]
#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut args = std::env::args().skip(1);
    let (framework, name) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
    let run = async {
        match framework.as_str() {
            "cron" => cron::run().await,
            "graphile" => graphile::run(&name).await,
            "sidekiq" => sidekiq::run(&name).await,
            _ => Err("usage: framework graphile|sidekiq|cron NAME".into()),
        }
    };
    tokio::time::timeout(Duration::from_secs(60), run).await?
}

/// Puts a job into a queue, as a request would.
async fn enqueue(job: impl AsyncFnOnce(TraceHeaders) -> Result<(), Error>) -> Result<(), Error> {
    let publish = publish_async("emails", |trace| async move { job(trace).await });
    transaction("http.server", "POST /appointments").instrument(publish).await
}
