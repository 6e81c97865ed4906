use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(id, masked, hashed)]
    sub: String,
}

fn main() {}
