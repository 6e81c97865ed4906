use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(ignore)]
    Cancelled,
    Declined { code: u32 },
}

fn main() {}
