use watchpost::monitor_performance;

#[monitor_performance(crate = "watchpost")]
fn book() {}

fn main() {}
