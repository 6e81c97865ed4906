use watchpost::capture_errors;

#[capture_errors(ignore = std::fmt::Error)]
fn pay() -> Result<(), std::num::ParseIntError> {
    Ok(())
}

fn main() {}
