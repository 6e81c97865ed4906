use watchpost::monitor_performance;

#[monitor_performance(booking)]
fn book() {}

fn main() {}
