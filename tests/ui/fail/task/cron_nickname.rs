use watchpost::monitored_task;

#[monitored_task(cron = "@daily")]
fn remind() {}

fn main() {}
