use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking<'a> {
    #[context(makes)]
    service: &'a str,
}

fn main() {}
