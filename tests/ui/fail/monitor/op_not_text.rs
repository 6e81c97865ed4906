use watchpost::monitor_performance;

#[monitor_performance(op = 5)]
fn book() {}

fn main() {}
