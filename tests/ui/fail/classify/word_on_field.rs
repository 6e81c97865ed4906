use watchpost::Classify;

#[derive(Classify)]
enum PaymentError {
    #[classify(ignore)]
    Declined {
        #[classify(level = "info")]
        code: u32,
    },
}

fn main() {}
