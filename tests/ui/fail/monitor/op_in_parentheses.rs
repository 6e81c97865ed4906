use watchpost::monitor_performance;

#[monitor_performance(op("business.booking"))]
fn book() {}

fn main() {}
