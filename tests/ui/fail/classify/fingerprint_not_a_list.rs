use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(fingerprint = "gateway")]
    Declined,
}

fn main() {}
