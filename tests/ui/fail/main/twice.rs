#[watchpost::main]
#[watchpost::main]
fn main() {}
