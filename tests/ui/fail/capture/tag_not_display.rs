use watchpost::capture_errors;

struct Currency;

#[capture_errors(tags(currency))]
fn pay(currency: Currency) -> Result<(), String> {
    let _ = currency;
    Ok(())
}

fn main() {}
