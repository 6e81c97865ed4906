use watchpost::monitored_task;

#[monitored_task("report", schedule = "0 3 * * *")]
fn book() {}

fn main() {}
