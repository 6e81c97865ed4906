use watchpost::{capture_errors, monitored_task};

#[monitored_task("report", tags(kind = "daily"))]
#[capture_errors(tags(kind = "nightly"))]
fn report() -> Result<(), String> {
    Ok(())
}

fn main() {}
