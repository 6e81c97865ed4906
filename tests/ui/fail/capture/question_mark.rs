use watchpost::capture_errors;

#[capture_errors]
pub fn pay(text: &str) -> Result<u32, String> {
    Ok(text.parse::<u32>()?)
}

fn main() {}
