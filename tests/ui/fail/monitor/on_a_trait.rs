use watchpost::monitor_performance;

#[monitor_performance]
pub trait Book {
    fn book(&self) {}
}

fn main() {}
