use watchpost::monitor_performance;

#[monitor_performance(op = "business", slow = "1s", op = "booking")]
fn book() {}

fn main() {}
