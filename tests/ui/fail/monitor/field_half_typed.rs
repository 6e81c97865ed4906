use watchpost::monitor_performance;

#[monitor_performance(fields(seats.))]
fn book(seats: u32) {
    let _ = seats;
}

fn main() {}
