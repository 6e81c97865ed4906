use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(id, email)]
    login: String,
}

fn main() {}
