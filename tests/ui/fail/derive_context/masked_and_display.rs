use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking<'a> {
    #[context(masked, display)]
    email: &'a str,
}

fn main() {}
