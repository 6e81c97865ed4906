use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(category = "")]
    Declined,
}

fn main() {}
