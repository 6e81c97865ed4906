use watchpost::SentryContext;

#[derive(SentryContext)]
union Booking {
    id: u64,
    slot: u32,
}

fn main() {}
