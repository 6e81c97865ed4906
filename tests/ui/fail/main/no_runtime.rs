/// Serves.
#[watchpost::main]
async fn main() {}
