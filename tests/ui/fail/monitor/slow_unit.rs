use watchpost::monitor_performance;

#[monitor_performance(slow = "5 parsecs")]
fn book() {}

fn main() {}
