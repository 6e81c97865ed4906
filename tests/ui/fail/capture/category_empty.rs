use watchpost::capture_errors;

#[capture_errors(category = "")]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
