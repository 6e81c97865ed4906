use watchpost::capture_errors;

#[capture_errors]
fn pay() -> u32 {
    5
}

fn main() {}
