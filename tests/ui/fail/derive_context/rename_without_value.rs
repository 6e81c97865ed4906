use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking<'a> {
    #[context(rename)]
    service: &'a str,
}

fn main() {}
