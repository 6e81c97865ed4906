use watchpost::SentryContext;

#[derive(SentryContext)]
enum Booking {
    Haircut { id: u64 },
}

fn main() {}
