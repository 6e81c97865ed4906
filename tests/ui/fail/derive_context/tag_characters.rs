use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking {
    #[context(tag)]
    größe: u32,
}

fn main() {}
