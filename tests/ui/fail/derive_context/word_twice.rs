use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking<'a> {
    #[context(tag, tag)]
    service: &'a str,
}

fn main() {}
