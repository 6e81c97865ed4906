use watchpost::capture_errors;

enum Error {
    Full,
}

#[capture_errors(ignore = Error::Full | other)]
fn book() -> Result<(), Error> {
    Err(Error::Full)
}

fn main() {}
