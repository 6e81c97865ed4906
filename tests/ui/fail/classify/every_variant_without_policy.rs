use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    Cancelled,
    Declined,
}

fn main() {}
