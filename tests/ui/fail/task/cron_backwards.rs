use watchpost::monitored_task;

#[monitored_task(cron = "0 17-9 * * *")]
fn remind() {}

fn main() {}
