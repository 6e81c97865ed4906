use watchpost::SentryUser;

#[derive(SentryUser)]
enum Visitor {
    Guest,
    Known { id: u64 },
}

fn main() {}
