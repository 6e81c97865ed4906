use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(http = 42)]
    Declined,
}

fn main() {}
