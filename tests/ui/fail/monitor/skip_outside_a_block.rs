use watchpost::monitor_performance;

#[monitor_performance(skip)]
fn book() {}

fn main() {}
