use watchpost::SentryContext;

#[derive(SentryContext)]
#[context(name = "trace")]
struct Login<'a> {
    password: &'a str,
    #[context(maskd)]
    user: &'a str,
}

fn main() {}
