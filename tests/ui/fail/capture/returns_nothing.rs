use watchpost::capture_errors;

#[capture_errors]
fn pay() {}

fn main() {}
