use watchpost::monitored_task;

#[monitored_task(cron = "0 3 * * mon-fry")]
fn remind() {}

fn main() {}
