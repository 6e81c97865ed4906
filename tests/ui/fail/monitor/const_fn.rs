use watchpost::monitor_performance;

#[monitor_performance]
const fn seats() -> u32 {
    5
}

fn main() {}
