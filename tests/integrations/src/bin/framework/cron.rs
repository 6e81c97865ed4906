//! tokio-cron-scheduler: the function has the attribute, the scheduler's closure calls it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio_cron_scheduler::{Job, JobScheduler};
use watchpost::monitored_task;

use crate::{Down, Error};

static RUNS: AtomicU32 = AtomicU32::new(0);

// [docs: tokio-cron-scheduler
// Sentry's schedules have no seconds: five fields here, six at the scheduler.
#[monitored_task("sweep", cron = "* * * * *", timezone = "Etc/UTC", checkin_margin = "1m", max_runtime = "5m")]
async fn sweep() -> Result<(), Down> {
    remove_old_carts().await
}
// docs]

/// Fails the first time.
async fn remove_old_carts() -> Result<(), Down> {
    match RUNS.fetch_add(1, Ordering::Relaxed) {
        0 => Err(Down),
        _ => Ok(()),
    }
}

pub(crate) async fn run() -> Result<(), Error> {
    let mut scheduler = JobScheduler::new().await?;
    // The test has no minute to wait, so the scheduler is faster than what Sentry is told.
    let schedule = "* * * * * *";
    // [docs: tokio-cron-scheduler
    let job = Job::new_async(schedule, |_, _| {
        Box::pin(async {
            // It was reported; the scheduler does nothing with it.
            let _ = sweep().await;
        })
    })?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    // docs]
    while RUNS.load(Ordering::Relaxed) < 2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    scheduler.shutdown().await?;
    // What has begun may end.
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(())
}
