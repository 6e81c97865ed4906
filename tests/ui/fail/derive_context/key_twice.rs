use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking {
    id: u64,
    #[context(rename = "id")]
    number: u64,
}

fn main() {}
