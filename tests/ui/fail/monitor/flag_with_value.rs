use watchpost::monitor_performance;

#[monitor_performance(root = true)]
fn book() {}

fn main() {}
