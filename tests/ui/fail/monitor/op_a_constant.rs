use watchpost::monitor_performance;

const OP: &str = "db.query";

#[monitor_performance(op = OP)]
fn book() {}

fn main() {}
