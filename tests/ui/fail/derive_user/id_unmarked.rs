use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    id: u64,
}

fn main() {}
