use watchpost::monitor_performance;

#[monitor_performance(slow = "30s 1m")]
fn book() {}

fn main() {}
