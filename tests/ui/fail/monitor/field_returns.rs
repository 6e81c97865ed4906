use watchpost::monitor_performance;

#[monitor_performance(fields(user = if user == 0 { return } else { user }))]
fn book(user: u32) {
    let _ = user;
}

fn main() {}
