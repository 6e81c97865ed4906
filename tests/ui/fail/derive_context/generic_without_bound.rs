use watchpost::SentryContext;

struct Money;

#[derive(SentryContext)]
struct Payment<T> {
    amount: T,
}

fn pay(payment: &Payment<Money>) {
    watchpost::add_context(payment);
}

fn main() {}
