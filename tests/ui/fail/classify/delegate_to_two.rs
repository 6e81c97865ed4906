use watchpost::Classify;

#[derive(Classify)]
#[classify(ignore)]
struct Timeout;

#[derive(Classify)]
enum PaymentError {
    Gateway(#[classify(delegate)] Timeout, #[classify(delegate)] Timeout),
}

fn main() {}
