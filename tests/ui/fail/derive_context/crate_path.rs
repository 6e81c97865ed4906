use watchpost::SentryContext;

#[derive(SentryContext)]
#[context(crate = watchpost)]
struct Booking {
    id: u64,
}

fn main() {}
