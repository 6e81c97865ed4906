use watchpost::monitor_performance;

struct Bookings;

#[monitor_performance("booking")]
impl Bookings {
    fn create(&self) {}
}

fn main() {
    Bookings.create();
}
