use watchpost::monitor_performance;

use std::future::Future;
use std::pin::Pin;

type Answer = Pin<Box<dyn Future<Output = u32> + Send>>;

#[monitor_performance]
pub fn book() -> Answer {
    Box::pin(async { 5 })
}

fn main() {}
