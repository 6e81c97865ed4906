use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(emial)]
    mail: String,
}

fn main() {}
