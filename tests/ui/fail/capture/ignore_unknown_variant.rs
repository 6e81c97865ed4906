use watchpost::capture_errors;

enum PaymentError {
    Declined,
    Timeout,
}

#[capture_errors(ignore = PaymentError::Refused)]
fn pay(late: bool) -> Result<(), PaymentError> {
    Err(if late { PaymentError::Timeout } else { PaymentError::Declined })
}

fn main() {
    let _ = pay(true);
}
