use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(level = "warning", ignore)]
    Declined,
}

fn main() {}
