use watchpost::capture_errors;

#[capture_errors(late, category = "payment")]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
