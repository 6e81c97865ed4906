use watchpost::capture_errors;

#[capture_errors(late, fields(to))]
fn pay(to: String) -> Result<String, String> {
    Ok(to)
}

fn main() {}
