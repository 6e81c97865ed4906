use watchpost::{capture_errors, monitored_task};

#[capture_errors(category = "mail")]
#[monitored_task(category = "task")]
fn mail() -> Result<(), String> {
    Ok(())
}

fn main() {}
