use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify()]
    Declined,
}

fn main() {}
