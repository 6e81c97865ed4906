use watchpost::capture_errors;

#[capture_errors]
const fn pay() -> Result<(), u8> {
    Ok(())
}

fn main() {}
