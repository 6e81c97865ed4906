use watchpost::capture_errors;

use std::future::Future;
use std::pin::Pin;

type Paid = Pin<Box<dyn Future<Output = Result<u32, String>> + Send>>;

#[capture_errors]
pub fn pay() -> Paid {
    Box::pin(async { Ok(5) })
}

fn main() {}
