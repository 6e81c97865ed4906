use watchpost::monitored_task;

#[monitored_task(slug = "nightly")]
fn remind() {}

fn main() {}
