use watchpost::capture_errors;

#[capture_errors(tags(api_key = "sk_live"))]
fn pay(amount: u32) -> Result<u32, String> {
    Ok(amount)
}

fn main() {}
