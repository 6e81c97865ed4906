use watchpost::monitored_task;

#[monitored_task(que = "mail")]
fn remind() {}

fn main() {}
