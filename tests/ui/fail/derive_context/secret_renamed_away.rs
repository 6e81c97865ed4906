use watchpost::SentryContext;

#[derive(SentryContext)]
struct Login<'a> {
    #[context(rename = "hint")]
    password: &'a str,
}

fn main() {}
