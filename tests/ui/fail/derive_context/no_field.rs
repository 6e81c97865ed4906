use watchpost::SentryContext;

#[derive(SentryContext)]
struct Booking;

fn main() {}
