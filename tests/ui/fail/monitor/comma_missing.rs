use watchpost::monitor_performance;

#[monitor_performance(root scope)]
fn book() {}

fn main() {}
