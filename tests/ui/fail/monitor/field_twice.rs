use watchpost::monitor_performance;

#[monitor_performance(fields(user, user = user + 1))]
fn book(user: u32) {
    let _ = user;
}

fn main() {}
