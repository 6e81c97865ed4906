use watchpost::capture_errors;

use std::rc::Rc;

#[capture_errors]
async fn pay() -> Result<u32, String> {
    let amount = Rc::new(5);
    wait().await;
    Ok(*amount)
}

async fn wait() {}

fn spawn<F: Send>(_: F) {}

fn main() {
    spawn(pay());
}
