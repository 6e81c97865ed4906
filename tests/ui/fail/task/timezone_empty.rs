use watchpost::monitored_task;

#[monitored_task("report", cron = "0 3 * * *", timezone = "")]
fn book() {}

fn main() {}
