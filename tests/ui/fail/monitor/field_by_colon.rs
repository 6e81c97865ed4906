use watchpost::monitor_performance;

#[monitor_performance(fields(count: seats))]
fn book(seats: u32) {
    let _ = seats;
}

fn main() {}
