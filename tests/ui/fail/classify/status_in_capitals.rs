use watchpost::Classify;

#[derive(Debug, Classify)]
enum Error {
    #[classify(status = "NotFound")]
    Gone,
}

fn main() {}
