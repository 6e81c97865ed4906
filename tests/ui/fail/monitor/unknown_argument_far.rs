use watchpost::monitor_performance;

#[monitor_performance(colour = "red")]
fn book() {}

fn main() {}
