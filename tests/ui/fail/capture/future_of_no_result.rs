use watchpost::capture_errors;

use std::future::Future;
use std::pin::Pin;

#[capture_errors]
pub fn pay() -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async { 5 })
}

fn main() {}
