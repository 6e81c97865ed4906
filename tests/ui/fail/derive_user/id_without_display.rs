use watchpost::SentryUser;

struct Id;

#[derive(SentryUser)]
struct Claims {
    #[user(id)]
    sub: Id,
}

fn main() {}
