use watchpost::capture_errors;

#[capture_errors(fingerprint = [])]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
