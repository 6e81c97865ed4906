use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking {
    #[context(display, debug)]
    id: u64,
}

fn main() {}
