use watchpost::capture_errors;

enum Error {
    Full,
}

#[capture_errors(ignore = |err| matches!(err, Error::Full))]
fn book() -> Result<(), Error> {
    Err(Error::Full)
}

fn main() {}
