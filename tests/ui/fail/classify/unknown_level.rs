use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(category = "payment", level = "warn")]
    Declined,
}

fn main() {}
