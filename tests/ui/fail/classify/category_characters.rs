use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(category = "card payments")]
    Declined,
}

fn main() {}
