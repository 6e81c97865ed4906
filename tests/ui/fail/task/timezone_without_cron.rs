use watchpost::monitored_task;

#[monitored_task(timezone = "Europe/Berlin")]
fn remind() {}

fn main() {}
