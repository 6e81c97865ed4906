use watchpost::capture_errors;

#[capture_errors(level = "critical")]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
