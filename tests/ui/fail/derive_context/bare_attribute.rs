use watchpost::SentryContext;

#[derive(SentryContext)]
#[context]
struct Booking {
    id: u64,
}

fn main() {}
