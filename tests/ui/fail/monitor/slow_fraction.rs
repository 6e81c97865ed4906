use watchpost::monitor_performance;

#[monitor_performance(slow = "1.5s")]
fn book() {}

fn main() {}
