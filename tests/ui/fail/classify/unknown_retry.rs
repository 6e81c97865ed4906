use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(retry = "always")]
    Declined,
}

fn main() {}
