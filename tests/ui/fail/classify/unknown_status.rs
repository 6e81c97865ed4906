use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(status = "failed")]
    Declined,
}

fn main() {}
