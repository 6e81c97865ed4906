//! Faktory: the job carries headers of its own (`custom`), and its failures with the retries that remain.

use faktory::{Client, Job, Worker};
use watchpost::{TraceHeaders, monitored_task};

use crate::{Down, Error, faktory_server};

// [docs: faktory
#[monitored_task("faktory", queue = "faktory", id = job.id().as_str(), attempt = attempt(&job), max_attempts = attempts(&job), trace = trace(&job))]
async fn send_email(job: Job) -> Result<(), Down> {
    if attempt(&job) == 1 { Err(Down) } else { Ok(()) }
}

fn attempt(job: &Job) -> usize {
    job.failure().map_or(1, |failure| failure.retry_count + 2)
}

fn attempts(job: &Job) -> Option<isize> {
    job.retry.map(|retries| retries + 1)
}

fn trace(job: &Job) -> TraceHeaders {
    TraceHeaders::from_pairs(job.custom.iter().filter_map(|(name, value)| Some((name, value.as_str()?))))
}
// docs]

pub(crate) async fn run() -> Result<(), Error> {
    let server = faktory_server::start().await?;
    crate::enqueue("faktory", async |trace| {
        let mut job = Job::new("send_email", vec!["alice"]);
        job.custom.extend(trace.iter().map(|(name, value)| (name.to_owned(), value.into())));
        Client::connect_to(&server).await?.enqueue(job).await?;
        Ok(())
    })
    .await?;
    let mut worker = Worker::builder().register_fn("send_email", send_email).connect_to(&server).await?;
    for _ in 0..2 {
        worker.run_one(0, &["default"]).await?;
    }
    Ok(())
}
