use watchpost::capture_errors;

#[capture_errors(context)]
fn pay(amount: u32) -> Result<u32, String> {
    Ok(amount)
}

fn main() {}
