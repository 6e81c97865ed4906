use watchpost::capture_errors;

struct Payment {
    amount: u32,
}

#[capture_errors(context = Payment { amount })]
fn pay(amount: u32) -> Result<u32, String> {
    Ok(amount)
}

fn main() {}
