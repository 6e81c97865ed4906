use watchpost::Classify;

#[derive(Classify)]
#[classify(ignore)]
struct Timeout;

#[derive(Classify)]
enum PaymentError {
    #[classify(delegate)]
    Gateway(Timeout, Timeout),
}

fn main() {}
