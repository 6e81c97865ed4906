use watchpost::monitor_performance;

#[monitor_performance(op = db.query)]
fn book() {}

fn main() {}
