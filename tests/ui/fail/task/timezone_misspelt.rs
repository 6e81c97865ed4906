use watchpost::monitored_task;

#[monitored_task(cron = "0 3 * * *", timezone = "Europe/Berlni")]
fn remind() {}

fn main() {}
