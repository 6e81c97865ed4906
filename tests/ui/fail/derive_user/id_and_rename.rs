use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(id, rename = "subject")]
    sub: String,
}

fn main() {}
