use watchpost::capture_errors;

#[capture_errors(category = )]
fn book() -> Result<(), String> {
    Ok(())
}

fn main() {}
