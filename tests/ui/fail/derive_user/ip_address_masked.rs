use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    #[user(ip_address, masked)]
    from: String,
}

fn main() {}
