use watchpost::SentryContext;

#[derive(SentryContext)]
struct Login<'a> {
    user_id: u64,
    password: &'a str,
}

fn main() {}
