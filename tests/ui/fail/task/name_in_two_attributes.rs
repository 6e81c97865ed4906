use watchpost::{monitor_performance, monitored_task};

#[monitored_task("reminders")]
#[monitor_performance("remind")]
fn remind() {}

fn main() {}
