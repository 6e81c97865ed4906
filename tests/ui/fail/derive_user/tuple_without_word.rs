use watchpost::SentryUser;

#[derive(SentryUser)]
struct UserId(u64);

fn main() {}
