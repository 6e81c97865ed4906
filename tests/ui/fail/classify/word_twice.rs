use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(ignore, ignore)]
    Declined,
}

fn main() {}
