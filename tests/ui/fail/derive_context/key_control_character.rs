use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking {
    #[context(rename = "id\n")]
    id: u64,
}

fn main() {}
