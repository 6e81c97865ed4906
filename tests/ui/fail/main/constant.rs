#[watchpost::main]
const fn main() {}
