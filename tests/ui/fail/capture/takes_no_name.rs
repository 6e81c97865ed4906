use watchpost::capture_errors;

#[capture_errors("payment")]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
