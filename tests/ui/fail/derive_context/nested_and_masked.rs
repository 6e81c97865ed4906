use watchpost::SentryContext;

#[derive(SentryContext)]
struct Slot {
    start: u64,
}

#[derive(SentryContext)]
struct Booking {
    #[context(nested, masked)]
    slot: Slot,
}

fn main() {}
