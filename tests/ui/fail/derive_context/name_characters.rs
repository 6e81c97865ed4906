use watchpost::SentryContext;

#[derive(SentryContext)]
#[context(name = "my booking")]
struct Booking {
    id: u64,
}

fn main() {}
