use watchpost::monitored_task;

#[monitored_task(cron = "0 3 * * *", checkin_margin = "90s")]
fn remind() {}

fn main() {}
