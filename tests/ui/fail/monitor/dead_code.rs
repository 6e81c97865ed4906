#![deny(dead_code)]

use watchpost::monitor_performance;

#[monitor_performance]
fn book() -> u32 {
    5
}

fn main() {}
