use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(expected, fingerprint = ["gateway"])]
    Declined,
}

fn main() {}
