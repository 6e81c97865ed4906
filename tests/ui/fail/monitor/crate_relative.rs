use watchpost::monitor_performance;

#[monitor_performance(crate = vendor::watchpost)]
fn book() {}

fn main() {}
