use watchpost::SentryContext;

#[derive(SentryContext)]
#[context(masked)]
struct Booking {
    id: u64,
}

fn main() {}
