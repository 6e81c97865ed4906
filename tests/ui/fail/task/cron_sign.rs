use watchpost::monitored_task;

#[monitored_task("report", cron = "+5 3 * * *")]
fn book() {}

fn main() {}
