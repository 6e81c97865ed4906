use watchpost::capture_errors;

#[capture_errors(ignore = err)]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
