use watchpost::SentryContext;

#[derive(SentryContext)]
struct Login<'a> {
    #[context(rename = "api_key")]
    key: &'a str,
}

fn main() {}
