use watchpost::monitor_performance;

#[monitor_performance]
pub struct Booking {
    pub id: u32,
}

fn main() {}
