use watchpost::monitor_performance;

#[monitor_performance(fields(count = ))]
fn book(seats: u32) {
    let _ = seats;
}

fn main() {}
