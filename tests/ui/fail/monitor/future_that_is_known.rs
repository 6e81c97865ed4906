use watchpost::monitor_performance;

use std::future::Future;
use std::pin::Pin;

#[monitor_performance(future)]
pub fn book() -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async { 5 })
}

fn main() {}
