use watchpost::capture_errors;

struct Error(u16);

#[capture_errors(ignore = Error(code) if *code == 404)]
fn book() -> Result<(), Error> {
    Err(Error(404))
}

fn main() {}
