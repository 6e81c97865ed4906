//! The producer and the worker of a queue, as processes of their own: what `tests/services/brokers.rs` starts, kills and looks at.
//!
//! ```text
//! broker redis|amqp|nats|postgres QUEUE produce KIND:ID ..   puts jobs into the queue
//! broker redis|amqp|nats|postgres QUEUE work COUNT           works until COUNT jobs have come to an end
//! broker redis|amqp|nats|postgres QUEUE remove               leaves nothing behind
//! ```

mod amqp;
mod nats;
mod postgres;
mod redis;

use std::io::Write as _;
use std::time::Duration;

use watchpost::{TraceHeaders, current_span, monitored_task, publish_async, transaction};
use watchpost_integration_tests::Server;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How often a job is tried.
const MAX_ATTEMPTS: u32 = 3;
/// How long a message may be with a worker before another gets it.
const LEASE: Duration = Duration::from_secs(3);
/// How often a worker asks a queue that cannot wake it.
const POLL: Duration = Duration::from_millis(20);

/// A job as it is put into a queue.
#[derive(Debug, Clone)]
struct Job {
    id: String,
    kind: String,
}

/// A job as it is taken from a queue.
#[derive(Debug)]
struct Delivery<R> {
    job: Job,
    /// From 1.
    attempt: u32,
    /// How many of the attempts before ended without a word.
    lost: u32,
    trace: TraceHeaders,
    /// What the queue must be told when it is done.
    receipt: R,
}

/// What a worker needs of a broker. The trace rides in the message's own headers or columns, not in its body.
trait Queue: Sized {
    const SYSTEM: &'static str;
    const SERVER: Server;
    type Receipt;

    async fn open(url: &str, name: &str) -> Result<Self, Error>;
    async fn push(&self, job: &Job, trace: &TraceHeaders) -> Result<(), Error>;
    /// Waits for the next job.
    async fn take(&mut self) -> Result<Delivery<Self::Receipt>, Error>;
    /// The job has come to an end.
    async fn done(&mut self, delivery: Delivery<Self::Receipt>) -> Result<(), Error>;
    /// The attempt failed, and there will be another.
    async fn again(&mut self, delivery: Delivery<Self::Receipt>) -> Result<(), Error>;
    async fn remove(self) -> Result<(), Error>;
}

#[watchpost::main]
#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut args = std::env::args().skip(1);
    let (broker, name) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
    let rest: Vec<String> = args.collect();
    match broker.as_str() {
        "redis" => run::<redis::Stream>(&name, &rest).await,
        "amqp" => run::<amqp::Quorum>(&name, &rest).await,
        "nats" => run::<nats::JetStream>(&name, &rest).await,
        "postgres" => run::<postgres::Table>(&name, &rest).await,
        _ => Err("usage: broker redis|amqp|nats|postgres QUEUE produce|work|remove ..".into()),
    }
}

async fn run<Q: Queue>(name: &str, args: &[String]) -> Result<(), Error> {
    let url = Q::SERVER.url().ok_or("no server")?;
    let mut queue = Q::open(&url, name).await?;
    match args {
        [verb, jobs @ ..] if verb == "produce" => {
            // As a request would: one transaction, in which several jobs are put into the queue.
            transaction("http.server", "POST /appointments").instrument(produce(&queue, jobs)).await
        }
        [verb, count] if verb == "work" => work(&mut queue, count.parse()?).await,
        [verb] if verb == "remove" => queue.remove().await,
        _ => Err("produce KIND:ID .., work COUNT or remove".into()),
    }
}

async fn produce<Q: Queue>(queue: &Q, jobs: &[String]) -> Result<(), Error> {
    for job in jobs {
        let (kind, id) = job.split_once(':').ok_or("KIND:ID")?;
        let job = Job { id: id.to_owned(), kind: kind.to_owned() };
        publish_async("appointments", |trace| async move {
            current_span().set_field("messaging.message.id", job.id.as_str());
            current_span().set_field("messaging.system", Q::SYSTEM);
            queue.push(&job, &trace).await
        })
        .await?;
    }
    Ok(())
}

async fn work<Q: Queue>(queue: &mut Q, count: usize) -> Result<(), Error> {
    let mut ended = 0;
    while ended < count {
        let delivery = queue.take().await?;
        match remind::<Q>(&delivery).await {
            Err(_) if delivery.attempt < MAX_ATTEMPTS => queue.again(delivery).await?,
            _ => {
                queue.done(delivery).await?;
                ended += 1;
            }
        }
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
enum ReminderError {
    #[error("the provider is down")]
    ProviderDown,
}

#[monitored_task("remind", queue = "appointments", id = delivery.job.id, attempt = delivery.attempt, max_attempts = MAX_ATTEMPTS,
    lost = delivery.lost, trace = delivery.trace, category = "notification")]
async fn remind<Q: Queue>(delivery: &Delivery<Q::Receipt>) -> Result<(), ReminderError> {
    current_span().set_field("messaging.system", Q::SYSTEM);
    match delivery.job.kind.as_str() {
        "fails" => Err(ReminderError::ProviderDown),
        "recovers" if delivery.attempt < MAX_ATTEMPTS => Err(ReminderError::ProviderDown),
        "held" if delivery.attempt == 1 => {
            // Whoever reads this line may kill the process.
            let _ = std::io::stdout().write_all(b"held\n").and_then(|()| std::io::stdout().flush());
            std::future::pending().await
        }
        _ => Ok(()),
    }
}
