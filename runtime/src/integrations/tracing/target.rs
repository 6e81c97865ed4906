//! Whose events are left out.

/// What this crate logs, and what sends for it: taken along, it would give rise to more to send. And what logs statements with
/// their literals.
const LEFT_OUT: [&str; 14] = [
    "watchpost",
    "sentry",
    "sentry_core",
    "sentry_tracing",
    "ureq",
    "ureq_proto",
    "rustls",
    "hyper",
    "hyper_util",
    "h2",
    "reqwest",
    "tower",
    "sqlx::query",
    "mio",
];

pub(super) fn is_left_out(target: &str, except: &[Box<str>]) -> bool {
    LEFT_OUT.iter().copied().chain(except.iter().map(|target| &**target)).any(|out| is_below(target, out))
}

/// Whether a target is another or one below it.
fn is_below(target: &str, above: &str) -> bool {
    target.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_segments() {
        for (target, out) in [
            ("watchpost::delivery", true),
            ("watchpost_demo", false),
            ("ureq", true),
            ("hyper::proto::h1", true),
            ("hyperion", false),
            ("sqlx::query", true),
            ("sqlx::pool", false),
            ("noisy::inner", true),
        ] {
            assert_eq!(is_left_out(target, &["noisy".into()]), out, "{target}");
        }
    }
}
