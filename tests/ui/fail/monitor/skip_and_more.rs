use watchpost::monitor_performance;

struct Bookings;

#[monitor_performance]
impl Bookings {
    #[monitor_performance(skip, op = "business")]
    fn create(&self) {}
}

fn main() {
    Bookings.create();
}
