use watchpost::capture_errors;

#[capture_errors(category = "payment errors")]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
