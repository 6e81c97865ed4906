use watchpost::monitor_performance;

#[monitor_performance(slow = 500)]
fn book() {}

fn main() {}
