use watchpost::capture_errors;

#[capture_errors(categroy = "payment")]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
