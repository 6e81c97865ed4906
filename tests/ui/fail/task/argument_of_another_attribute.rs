use watchpost::monitored_task;

#[monitored_task(op = "task")]
fn remind() {}

fn main() {}
