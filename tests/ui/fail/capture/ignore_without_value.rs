use watchpost::capture_errors;

#[capture_errors(ignore(Error::Full))]
fn book() -> Result<(), String> {
    Ok(())
}

fn main() {}
