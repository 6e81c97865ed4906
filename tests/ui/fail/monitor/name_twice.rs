use watchpost::monitor_performance;

#[monitor_performance("booking", "booking_creation")]
fn book() {}

fn main() {}
