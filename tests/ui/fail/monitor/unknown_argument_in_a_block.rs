use watchpost::monitor_performance;

pub struct Bookings;

#[monitor_performance(op = "business")]
impl Bookings {
    #[monitor_performance(feilds(id))]
    pub fn create(&self, id: u32) -> u32 {
        id
    }
}

fn main() {}
