use watchpost::capture_errors;

#[capture_errors(category = payment)]
fn book() -> Result<(), String> {
    Ok(())
}

fn main() {}
