use watchpost::capture_errors;

#[capture_errors(fingerprint = ["payment", ""])]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
