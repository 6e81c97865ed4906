use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(id)]
    sub: u64,
    phone_number: String,
}

fn main() {}
