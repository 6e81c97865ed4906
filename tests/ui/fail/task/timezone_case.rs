use watchpost::monitored_task;

#[monitored_task(cron = "0 3 * * *", timezone = "europe/berlin")]
fn remind() {}

fn main() {}
