use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(id)]
    sub: String,
    #[user(skip, tag)]
    role: String,
}

fn main() {}
