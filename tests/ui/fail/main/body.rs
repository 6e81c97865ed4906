#[watchpost::main]
fn main() -> Result<(), std::io::Error> {
    let seats: u32 = "many";
    Ok(())
}
