use watchpost::capture_errors;

type Amount = u64;

#[capture_errors]
fn pay() -> Amount {
    5
}

fn main() {}
