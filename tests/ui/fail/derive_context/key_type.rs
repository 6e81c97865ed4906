use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking {
    r#type: u8,
}

fn main() {}
