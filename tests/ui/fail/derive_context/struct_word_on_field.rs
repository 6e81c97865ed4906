use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking {
    #[context(name = "number")]
    id: u64,
}

fn main() {}
