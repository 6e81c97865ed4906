use watchpost::monitored_task;

#[monitored_task(cron = "0 3 * * *", max_runtime = "half an hour")]
fn remind() {}

fn main() {}
