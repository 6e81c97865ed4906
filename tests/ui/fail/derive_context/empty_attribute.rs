use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking {
    #[context()]
    id: u64,
}

fn main() {}
