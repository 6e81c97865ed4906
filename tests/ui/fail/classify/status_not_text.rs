use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(status = failed_precondition)]
    Declined,
}

fn main() {}
