//! Where a run is found in Sentry.

use sentry_core::types::Dsn;
use serde::Serialize;

/// Pages that show what a run has sent. Sentry leads from them to the organization that the person is signed in to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Links {
    /// Error events and messages.
    pub issues: String,
    /// Transactions and spans.
    pub traces: String,
    /// Cron monitors.
    pub monitors: String,
}

impl Links {
    pub(super) fn of(dsn: &Dsn, run: &str) -> Self {
        let host = dsn.host();
        let home = if host == "sentry.io" || host.ends_with(".sentry.io") {
            "https://sentry.io".to_owned()
        } else {
            let (scheme, port) = (dsn.scheme(), dsn.port());
            let usual = matches!((scheme.to_string().as_str(), port), ("https", 443) | ("http", 80));
            if usual { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{port}") }
        };
        let project = dsn.project_id();
        Self {
            issues: format!("{home}/issues/?project={project}&query=watchpost.test%3A{run}"),
            traces: format!("{home}/traces/?project={project}&query=watchpost.test%3A{run}"),
            monitors: format!("{home}/insights/crons/?project={project}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ingest_host_is_not_where_people_look() {
        let of = |dsn: &str| Links::of(&dsn.parse().unwrap(), "1a2b").issues;
        assert_eq!(
            of("https://k@o1.ingest.us.sentry.io/42"),
            "https://sentry.io/issues/?project=42&query=watchpost.test%3A1a2b"
        );
        assert_eq!(
            of("https://k@sentry.example.com:9000/7"),
            "https://sentry.example.com:9000/issues/?project=7&query=watchpost.test%3A1a2b"
        );
    }
}
