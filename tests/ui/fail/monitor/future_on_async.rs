use watchpost::monitor_performance;

#[monitor_performance(future)]
pub async fn book() -> u32 {
    5
}

fn main() {}
