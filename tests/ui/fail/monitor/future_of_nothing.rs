use watchpost::monitor_performance;

#[monitor_performance(future)]
pub fn book() {}

fn main() {}
