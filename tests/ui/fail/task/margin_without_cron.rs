use watchpost::monitored_task;

#[monitored_task(checkin_margin = "5m")]
fn remind() {}

fn main() {}
