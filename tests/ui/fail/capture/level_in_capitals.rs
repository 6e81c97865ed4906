use watchpost::capture_errors;

#[capture_errors(level = "WARN")]
fn book() -> Result<(), String> {
    Ok(())
}

fn main() {}
