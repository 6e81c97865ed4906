use watchpost::capture_errors;

#[capture_errors]
pub async fn pay(seats: u32) -> Result<u32, String> {
    if seats > 3 {
        return Err(3);
    }
    Ok(seats)
}

fn main() {}
