use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(ignore = true)]
    Declined,
}

fn main() {}
