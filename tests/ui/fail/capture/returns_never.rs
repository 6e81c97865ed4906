use watchpost::capture_errors;

#[capture_errors]
fn pay() -> ! {
    panic!("no money")
}

fn main() {}
