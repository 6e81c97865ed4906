use watchpost::monitored_task;

#[monitored_task(cron = "0 3 * * *")]
fn remindAll() {}

fn main() {}
