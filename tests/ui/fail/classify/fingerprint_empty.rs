use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(fingerprint = [])]
    Declined,
}

fn main() {}
