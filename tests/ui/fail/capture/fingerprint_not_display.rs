use watchpost::capture_errors;

pub enum PaymentError {
    Declined,
    Timeout,
}

#[capture_errors(fingerprint = ["payment", err])]
pub fn pay() -> Result<(), PaymentError> {
    Ok(())
}

fn main() {}
