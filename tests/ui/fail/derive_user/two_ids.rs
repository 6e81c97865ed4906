use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(id)]
    sub: String,
    #[user(id)]
    user_id: u64,
}

fn main() {}
