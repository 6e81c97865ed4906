use watchpost::monitor_performance;

#[monitor_performance(slow = "0ms")]
fn book() {}

fn main() {}
