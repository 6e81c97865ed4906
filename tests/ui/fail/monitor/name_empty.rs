use watchpost::monitor_performance;

#[monitor_performance("")]
fn book() {}

fn main() {}
