use watchpost::monitor_performance;

#[monitor_performance(fields(?))]
fn book(seats: u32) {
    let _ = seats;
}

fn main() {}
