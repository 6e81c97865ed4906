use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(email, exposed)]
    mail: String,
}

fn main() {}
