use watchpost::monitored_task;

#[monitored_task(cron = 5)]
fn remind() {}

fn main() {}
