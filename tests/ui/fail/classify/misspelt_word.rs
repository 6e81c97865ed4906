use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(categroy = "payment")]
    Declined,
}

fn main() {}
