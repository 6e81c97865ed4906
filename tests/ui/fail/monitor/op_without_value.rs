use watchpost::monitor_performance;

#[monitor_performance(op)]
fn book() {}

fn main() {}
