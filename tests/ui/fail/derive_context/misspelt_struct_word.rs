use watchpost::SentryContext;

#[derive(SentryContext)]
#[context(nmae = "booking")]
struct Booking {
    id: u64,
}

fn main() {}
