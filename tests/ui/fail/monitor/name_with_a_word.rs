use watchpost::monitor_performance;

#[monitor_performance(name = "booking")]
fn book() {}

fn main() {}
