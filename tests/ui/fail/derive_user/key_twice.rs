use watchpost::SentryUser;

#[derive(SentryUser)]
struct Claims {
    role: String,
    #[user(rename = "role")]
    second_role: String,
}

fn main() {}
