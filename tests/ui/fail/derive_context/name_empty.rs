use watchpost::SentryContext;

#[derive(SentryContext)]
#[context(name = "")]
struct Booking {
    id: u64,
}

fn main() {}
