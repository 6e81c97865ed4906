use watchpost::monitor_performance;

#[monitor_performance(op = , slow =)]
fn book() {}

fn main() {}
