//! Names that were probably meant.

/// Variables of Sentry's other tools and SDKs. They are not ours, and no slip of ours either, near as some of them are
/// (`SENTRY_DIST` and `SENTRY_DSN`).
const FOREIGN: [&str; 18] = [
    "SENTRY_ALLOW_FAILURE",
    "SENTRY_AUTH_TOKEN",
    "SENTRY_BAGGAGE",
    "SENTRY_CRONS",
    "SENTRY_DIST",
    "SENTRY_HTTP_MAX_RETRIES",
    "SENTRY_KEEP_ALIVE",
    "SENTRY_LOAD_DOTENV",
    "SENTRY_LOG_LEVEL",
    "SENTRY_NAME",
    "SENTRY_ORG",
    "SENTRY_PIPELINE",
    "SENTRY_PROJECT",
    "SENTRY_PROPERTIES",
    "SENTRY_TRACE",
    "SENTRY_URL",
    "SENTRY_USE_ENVIRONMENT",
    "SENTRY_VERIFY_SSL",
];

/// The farthest that a name may be from ours to be taken for a slip.
const FARTHEST: usize = 2;

/// The nearest of `known` to a name that nothing reads, if it is near enough to be a slip.
pub(super) fn variable<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let upper = name.to_ascii_uppercase();
    if FOREIGN.contains(&upper.as_str()) {
        return None;
    }
    known
        .map(|ours| (distance(&upper, ours), ours))
        .filter(|(far, _)| *far <= FARTHEST)
        .min_by_key(|(far, _)| *far)
        .map(|(_, ours)| ours)
}

/// Insertions, deletions, substitutions and swaps of neighbours that make one text of the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > FARTHEST {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, variable};

    #[test]
    fn distances() {
        for (a, b, far) in [
            ("", "", 0),
            ("DSN", "DSN", 0),
            ("DNS", "DSN", 1),
            ("DS", "DSN", 1),
            ("DSNN", "DSN", 1),
            ("DIST", "DSN", 2),
            ("SAMPEL_RAET", "SAMPLE_RATE", 2),
            ("abc", "", usize::MAX),
        ] {
            assert_eq!(distance(a, b), far, "{a} {b}");
            assert_eq!(distance(b, a), far, "{b} {a}");
        }
    }

    #[test]
    fn slips_are_told_from_foreign_names() {
        let known = || ["SENTRY_DSN", "SENTRY_RELEASE", "SENTRY_DEBUG"].into_iter();
        assert_eq!(variable("SENTRY_DNS", known()), Some("SENTRY_DSN"));
        assert_eq!(variable("sentry_dsn", known()), Some("SENTRY_DSN"));
        assert_eq!(variable("SENTRY_RELEASES", known()), Some("SENTRY_RELEASE"));
        for foreign in ["SENTRY_DIST", "SENTRY_ORG", "SENTRY_AUTH_TOKEN", "SENTRY_URL", "SENTRY_ANYTHING_ELSE"] {
            assert_eq!(variable(foreign, known()), None, "{foreign}");
        }
    }
}
