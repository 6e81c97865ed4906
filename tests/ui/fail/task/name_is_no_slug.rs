use watchpost::monitored_task;

#[monitored_task("Nightly reminders", cron = "0 3 * * *")]
fn remind() {}

fn main() {}
