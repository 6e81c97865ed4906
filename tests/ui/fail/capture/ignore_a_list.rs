use watchpost::capture_errors;

enum Error {
    Full,
    Gone,
}

#[capture_errors(ignore = [Error::Full, Error::Gone])]
fn book(full: bool) -> Result<(), Error> {
    Err(if full { Error::Full } else { Error::Gone })
}

fn main() {}
