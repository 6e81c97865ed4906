use watchpost::monitored_task;

#[monitored_task("report", cron = "0 3 * * monday")]
fn book() {}

fn main() {}
