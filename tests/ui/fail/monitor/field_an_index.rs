use watchpost::monitor_performance;

#[monitor_performance(fields(seats.0))]
fn book(seats: (u32, u32)) {
    let _ = seats;
}

fn main() {}
