use watchpost::monitor_performance;

unsafe extern "C" {
    #[monitor_performance]
    fn book();
}

fn main() {}
