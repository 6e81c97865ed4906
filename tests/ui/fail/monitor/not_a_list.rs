use watchpost::{capture_errors, monitor_performance};

#[capture_errors]
#[monitor_performance = "booking"]
fn book() -> Result<(), String> {
    Ok(())
}

fn main() {}
