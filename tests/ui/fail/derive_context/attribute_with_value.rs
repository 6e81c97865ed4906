use watchpost::SentryContext;

#[derive(SentryContext)]
#[context = "booking"]
struct Booking {
    id: u64,
}

fn main() {}
