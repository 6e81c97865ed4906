use watchpost::SentryContext;

#[derive(SentryContext)]
#[context(name = "trace")]
struct Booking {
    id: u64,
}

fn main() {}
