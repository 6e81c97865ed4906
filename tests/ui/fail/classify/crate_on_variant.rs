use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(ignore, crate = ::watchpost)]
    Declined,
}

fn main() {}
