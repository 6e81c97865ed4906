use watchpost::monitor_performance;

#[monitor_performance(fields(usr))]
fn book(user: u32) {
    let _ = user;
}

fn main() {}
