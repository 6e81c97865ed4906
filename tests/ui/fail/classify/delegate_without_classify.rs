use watchpost::Classify;

struct Timeout;

#[derive(Classify)]
enum PaymentError {
    #[classify(delegate)]
    Gateway(Timeout),
}

fn main() {}
