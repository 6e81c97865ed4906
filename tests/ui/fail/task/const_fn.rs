use watchpost::monitored_task;

#[monitored_task]
const fn remind() {}

fn main() {}
