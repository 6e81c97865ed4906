use watchpost::monitored_task;

#[monitored_task("report", cron = "0 3 30 2 *")]
fn book() {}

fn main() {}
