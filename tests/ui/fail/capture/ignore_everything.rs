use watchpost::capture_errors;

#[capture_errors(ignore = _)]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
