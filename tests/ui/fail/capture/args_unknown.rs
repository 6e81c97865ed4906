use watchpost::capture_errors;

#[capture_errors(args(amuont))]
fn pay(amount: u32) -> Result<u32, String> {
    Ok(amount)
}

fn main() {}
