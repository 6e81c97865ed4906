#![deny(warnings)]
use watchpost::{monitor_performance, capture_errors};
#[monitor_performance]
#[capture_errors]
pub fn book() -> Result<u32, String> { Ok(5) }
fn main() { let _ = book(); }
