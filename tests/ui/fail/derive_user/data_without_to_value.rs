use watchpost::SentryUser;

struct Role;

#[derive(SentryUser)]
struct Claims {
    role: Role,
}

fn main() {}
