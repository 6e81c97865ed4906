use watchpost::monitor_performance;

#[monitor_performance]
#[monitor_performance(root)]
fn book() {}

fn main() {}
