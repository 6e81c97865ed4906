use watchpost::monitored_task;

#[monitored_task(cron = "0 24 * * *")]
fn remind() {}

fn main() {}
