use watchpost::monitored_task;

#[monitored_task("report", cron = "0 3 * * *", timezone = "New York")]
fn book() {}

fn main() {}
