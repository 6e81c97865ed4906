use watchpost::SentryContext;

struct Currency;

#[derive(SentryContext)]
struct Payment {
    #[context(tag)]
    currency: Option<Currency>,
}

fn main() {}
