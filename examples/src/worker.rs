//! The worker: takes jobs from the queue and does them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use watchpost::{Classify, Retry};

use crate::calendar::sync_calendar;
use crate::notify::{send_email_notification, send_sms_notification};
use crate::queue::{Job, Message};
use crate::service::Shop;

/// How often an idle worker looks for work.
const PAUSE: Duration = Duration::from_millis(10);

/// Works until told to stop; a job under way is finished first.
pub async fn work(shop: Arc<Shop>, stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        match shop.db.claim_job().await {
            Ok(Some(job)) => run(&shop, &job).await,
            Ok(None) => tokio::time::sleep(PAUSE).await,
            Err(error) => {
                watchpost::capture_error(&error).category("database").send();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn run(shop: &Shop, job: &Job) {
    let again = match job.message {
        Message::Email { appointment_id, template } => {
            attempt(send_email_notification(shop, job, appointment_id, template)).await
        }
        Message::Sms { appointment_id, template } => {
            attempt(send_sms_notification(shop, job, appointment_id, template)).await
        }
        Message::SyncCalendar { appointment_id } => attempt(sync_calendar(shop, job, appointment_id)).await,
    };
    let kept = match again {
        None => shop.db.finish_job(job.id).await,
        Some(again) => shop.db.fail_job(job, again).await,
    };
    if let Err(error) = kept {
        watchpost::capture_error(&error).category("database").send();
    }
}

/// Nothing when it is done; otherwise whether trying again makes sense, as the error itself says.
async fn attempt<E: Classify>(task: impl Future<Output = Result<(), E>>) -> Option<bool> {
    let error = task.await.err()?;
    Some(error.classify().retry != Some(Retry::Never))
}
