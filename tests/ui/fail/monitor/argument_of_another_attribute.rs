use watchpost::monitor_performance;

#[monitor_performance(category = "payment")]
fn book() {}

fn main() {}
