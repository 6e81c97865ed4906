use watchpost::{monitor_performance, monitored_task};

#[monitored_task]
#[monitor_performance(root)]
fn remind() {}

fn main() {}
