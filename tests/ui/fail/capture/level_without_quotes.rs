use watchpost::capture_errors;

#[capture_errors(level = Warning)]
fn book() -> Result<(), String> {
    Ok(())
}

fn main() {}
