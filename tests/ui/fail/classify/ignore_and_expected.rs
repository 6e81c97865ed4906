use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(ignore, expected)]
    Declined,
}

fn main() {}
