use watchpost::{capture_errors, monitor_performance};

#[monitor_performance(fields(user))]
#[capture_errors(fields(user = user + 1))]
fn book(user: u32) -> Result<u32, String> {
    Ok(user)
}

fn main() {}
