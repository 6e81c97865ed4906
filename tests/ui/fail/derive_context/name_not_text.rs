use watchpost::SentryContext;

#[derive(SentryContext)]
#[context(name = payment)]
struct Booking {
    id: u64,
}

fn main() {}
