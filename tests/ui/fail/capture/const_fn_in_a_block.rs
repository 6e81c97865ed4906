use watchpost::capture_errors;

pub struct Payments;

#[capture_errors]
impl Payments {
    pub const fn pay(&self) -> Result<(), u8> {
        Ok(())
    }
}

fn main() {}
