use watchpost::monitored_task;

#[monitored_task(cron = "0 3 * * *", slug = "Nightly Reminders")]
fn remind() {}

fn main() {}
