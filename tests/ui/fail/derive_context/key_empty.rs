use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking {
    #[context(rename = "")]
    id: u64,
}

fn main() {}
