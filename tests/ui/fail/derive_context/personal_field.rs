use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking<'a> {
    #[context(display)]
    email: &'a str,
}

fn main() {}
