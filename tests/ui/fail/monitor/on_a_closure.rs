use watchpost::monitor_performance;

fn main() {
    let book = #[monitor_performance]
    |seats: u32| seats * 2;
    book(3);
}
