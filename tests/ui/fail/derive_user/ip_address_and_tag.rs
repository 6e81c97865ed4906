use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(ip_address, tag)]
    from: String,
}

fn main() {}
