use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(http = 200)]
    Declined,
}

fn main() {}
