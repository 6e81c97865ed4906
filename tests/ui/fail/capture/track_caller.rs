use watchpost::capture_errors;

#[capture_errors]
#[track_caller]
fn pay() -> Result<(), String> {
    Ok(())
}

fn main() {}
