use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking<'a> {
    #[context(maskd)]
    service: &'a str,
}

fn main() {}
