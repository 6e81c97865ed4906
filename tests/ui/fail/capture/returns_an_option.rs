use watchpost::capture_errors;

#[capture_errors]
fn pay() -> Option<u32> {
    None
}

fn main() {}
