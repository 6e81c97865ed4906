use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(delegate)]
    Gateway,
}

fn main() {}
