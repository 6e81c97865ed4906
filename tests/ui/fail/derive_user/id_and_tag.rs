use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(id, tag)]
    sub: String,
}

fn main() {}
