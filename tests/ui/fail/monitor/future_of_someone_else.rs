use watchpost::monitor_performance;

use std::future::Future;

#[monitor_performance]
pub fn traced<F: Future<Output = u32>>(future: F) -> F {
    future
}

fn main() {}
