use watchpost::monitored_task;

#[monitored_task(cron = "0 3 * * *", slug = "nightly-nightly-nightly-nightly-nightly-nightly-nightly-")]
fn remind() {}

fn main() {}
