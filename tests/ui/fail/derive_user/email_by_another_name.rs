use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(id)]
    sub: u64,
    user_email: String,
}

fn main() {}
