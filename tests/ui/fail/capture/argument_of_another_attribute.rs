use watchpost::capture_errors;

#[capture_errors(slow = "1s")]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
