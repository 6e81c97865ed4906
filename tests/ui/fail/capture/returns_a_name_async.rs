use watchpost::capture_errors;

type Amount = u64;

#[capture_errors]
async fn pay() -> Amount {
    5
}

fn main() {}
