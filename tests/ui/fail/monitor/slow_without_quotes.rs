use watchpost::monitor_performance;

#[monitor_performance(slow = 500ms)]
fn book() {}

fn main() {}
