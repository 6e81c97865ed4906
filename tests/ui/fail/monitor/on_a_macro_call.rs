use watchpost::monitor_performance;

macro_rules! book {
    () => {
        fn book() {}
    };
}

#[monitor_performance]
book!();

fn main() {}
