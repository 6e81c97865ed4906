use watchpost::capture_errors;

#[capture_errors(category = "payment")]
pub fn pay(seats: u32) -> Result<u32, String> {
    let twice = seats.
}

fn main() {}
