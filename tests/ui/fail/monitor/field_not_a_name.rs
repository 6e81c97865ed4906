use watchpost::monitor_performance;

#[monitor_performance(fields(5))]
fn book(user: u32) {
    let _ = user;
}

fn main() {}
