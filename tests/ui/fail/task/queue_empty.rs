use watchpost::monitored_task;

#[monitored_task(queue = "")]
fn remind() {}

fn main() {}
