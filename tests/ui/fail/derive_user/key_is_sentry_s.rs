use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(id)]
    sub: String,
    geo: String,
}

fn main() {}
