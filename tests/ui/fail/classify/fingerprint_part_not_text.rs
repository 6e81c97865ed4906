use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(fingerprint = ["gateway", code])]
    Declined,
}

fn main() {}
