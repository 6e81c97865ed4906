#![deny(unused_must_use)]

use watchpost::monitor_performance;

#[monitor_performance]
#[must_use]
fn book() -> u32 {
    5
}

fn main() {
    book();
}
