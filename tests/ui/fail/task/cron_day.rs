use watchpost::monitored_task;

#[monitored_task(cron = "0 3 32 * *")]
fn remind() {}

fn main() {}
