use watchpost::SentryUser;

#[derive(SentryUser)]
struct Guest;

fn main() {}
