use watchpost::{monitor_performance, monitored_task};

#[monitored_task(slow = "30s")]
#[monitor_performance(slow = "1s")]
fn remind() {}

fn main() {}
