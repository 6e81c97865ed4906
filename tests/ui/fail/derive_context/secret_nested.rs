use watchpost::SentryContext;

#[derive(SentryContext)]
struct Session {
    age: u64,
}

#[derive(SentryContext)]
struct Login {
    #[context(nested)]
    session: Session,
}

fn main() {}
