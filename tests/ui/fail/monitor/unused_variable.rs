#![deny(unused_variables)]

use watchpost::monitor_performance;

#[monitor_performance]
pub fn book(seats: u32, name: &str) -> usize {
    name.len()
}

fn main() {}
