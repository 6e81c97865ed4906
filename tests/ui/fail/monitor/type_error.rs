use watchpost::monitor_performance;

#[monitor_performance]
pub fn book(seats: u32) -> u32 {
    if seats > 3 {
        return "too many";
    }
    seats
}

fn main() {}
