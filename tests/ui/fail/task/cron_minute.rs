use watchpost::monitored_task;

#[monitored_task(cron = "60 3 * * *")]
fn remind() {}

fn main() {}
