use watchpost::monitor_performance;

#[monitor_performance(fields(user = user.checked_add(1)?))]
fn book(user: u32) -> Option<u32> {
    Some(user)
}

fn main() {}
