use watchpost::capture_errors;

#[capture_errors]
async fn pay() -> Vec<u32> {
    Vec::new()
}

fn main() {}
