use watchpost::monitor_performance;

trait Book {
    #[monitor_performance]
    fn book(&self);
}

fn main() {}
