use watchpost::capture_errors;

#[capture_errors(level = Level::Warning)]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
