use watchpost::SentryContext;

#[derive(SentryContext)]
struct RuntimeContext {
    threads: u32,
}

fn main() {}
