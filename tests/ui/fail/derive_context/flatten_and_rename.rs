use watchpost::SentryContext;

#[derive(SentryContext)]
struct Slot {
    start: u64,
}

#[derive(SentryContext)]
struct Booking {
    #[context(flatten, rename = "slot")]
    slot: Slot,
}

fn main() {}
