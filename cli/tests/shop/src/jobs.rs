//! What is done later.

use watchpost::monitored_task as task;

#[task("send_email_notification", queue = "notifications", id = job, attempt = attempt, max_attempts = 5)]
pub async fn send_email(job: u64, attempt: u32) -> Result<(), std::io::Error> {
    Ok(())
}

#[task("nightly_reminders", cron = "0 3 * * *", timezone = "Europe/Berlin", checkin_margin = "5m", max_runtime = "30m")]
pub fn remind() {}
