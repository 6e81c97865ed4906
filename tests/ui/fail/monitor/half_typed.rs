use watchpost::monitor_performance;

#[monitor_performance(op = "business")]
pub fn book(seats: u32) -> u32 {
    let twice = seats.
}

fn main() {}
