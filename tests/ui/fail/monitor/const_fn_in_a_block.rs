use watchpost::monitor_performance;

pub struct Bookings;

#[monitor_performance]
impl Bookings {
    pub const fn new() -> Self {
        Self
    }
}

fn main() {}
