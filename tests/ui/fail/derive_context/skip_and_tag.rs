use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking {
    id: u64,
    #[context(tag, skip)]
    slot: u32,
}

fn main() {}
