use watchpost::monitor_performance;

#[monitor_performance(slwo = "500ms")]
fn book() {}

fn main() {}
