use watchpost::capture_errors;

#[capture_errors]
pub fn pay(seats: u32) -> Result<u32, String> {
    if seats > 3 {
        return Ok("too many");
    }
    Ok(seats)
}

fn main() {}
