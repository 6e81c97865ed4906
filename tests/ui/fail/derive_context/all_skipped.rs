use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking {
    #[context(skip)]
    _id: u64,
}

fn main() {}
