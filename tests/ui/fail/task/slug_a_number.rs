use watchpost::monitored_task;

#[monitored_task(cron = "0 3 * * *", slug = "123")]
fn remind() {}

fn main() {}
