use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(id)]
    email: String,
}

fn main() {}
