use watchpost::monitor_performance;

#[monitor_performance]
pub async fn book(seats: u32) -> String {
    if seats > 3 {
        return 3;
    }
    String::new()
}

fn main() {}
