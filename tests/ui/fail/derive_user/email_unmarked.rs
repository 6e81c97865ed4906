use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(id)]
    sub: u64,
    email: String,
}

fn main() {}
