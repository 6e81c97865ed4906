use watchpost::SentryContext;

#[derive(SentryContext)]
#[context(name = "booking")]
#[context(name = "appointment")]
struct Booking {
    id: u64,
}

fn main() {}
