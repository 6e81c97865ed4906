use watchpost::monitored_task;

#[monitored_task(cron = "0 3 * * *", timezone = "Mars/Phobos")]
fn remind() {}

fn main() {}
