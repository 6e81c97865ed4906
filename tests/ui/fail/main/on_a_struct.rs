#[watchpost::main]
struct Booking;

fn main() {}
