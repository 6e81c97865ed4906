use watchpost::monitor_performance;

#[monitor_performance(fields("user"))]
fn book(user: u32) {
    let _ = user;
}

fn main() {}
