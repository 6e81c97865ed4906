use watchpost::SentryContext;

struct Slot;

#[derive(SentryContext)]
struct Booking {
    id: u64,
    #[context(flatten)]
    slot: Slot,
}

fn main() {}
