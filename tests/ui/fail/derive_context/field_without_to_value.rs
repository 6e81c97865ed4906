use watchpost::SentryContext;

struct Money(u64);

#[derive(SentryContext)]
struct Payment {
    amount: Money,
}

fn main() {}
