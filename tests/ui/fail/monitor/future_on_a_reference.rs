use watchpost::monitor_performance;

#[monitor_performance(future)]
pub fn book(name: &str) -> &str {
    name
}

fn main() {}
