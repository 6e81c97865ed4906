use watchpost::Classify;

#[derive(Classify)]
#[classify(ignore)]
struct Timeout;

#[derive(Classify)]
#[classify(delegate)]
enum PaymentError {
    Gateway(Timeout),
}

fn main() {}
