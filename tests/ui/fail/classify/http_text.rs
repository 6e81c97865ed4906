use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(http = "402")]
    Declined,
}

fn main() {}
