use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking<'a> {
    #[context(tag = "service")]
    service: &'a str,
}

fn main() {}
