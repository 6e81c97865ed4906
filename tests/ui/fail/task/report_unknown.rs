use watchpost::monitored_task;

#[monitored_task(report = "first_attempt")]
fn remind() {}

fn main() {}
