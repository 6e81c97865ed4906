use watchpost::monitor_performance;

#[monitor_performance("booking\ncreation")]
fn book() {}

fn main() {}
