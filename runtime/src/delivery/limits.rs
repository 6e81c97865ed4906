//! What the server has asked not to be sent, and until when.

use std::time::{Duration, Instant};

use super::counts::Kind;

/// How long a 429 that says nothing more holds.
const UNSPECIFIED: Duration = Duration::from_secs(60);

/// A limit that a server would mean seriously is shorter; longer ones are a mistake or an attack on the telemetry.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The rate limits in force. The clock is the caller's.
#[derive(Debug, Default)]
pub(super) struct Limits {
    all: Option<Instant>,
    event: Option<Instant>,
    transaction: Option<Instant>,
    check_in: Option<Instant>,
    session: Option<Instant>,
    log: Option<Instant>,
    metric: Option<Instant>,
    attachment: Option<Instant>,
}

impl Limits {
    /// Reads an answer's headers: `X-Sentry-Rate-Limits` wins, `Retry-After` (seconds; a date is resolved by the caller)
    /// stands for everything, and a 429 without either holds for a minute.
    pub(super) fn learn(&mut self, now: Instant, status: u16, sentry: Option<&str>, retry_after: Option<Duration>) {
        match (sentry, retry_after) {
            (Some(header), _) => header.split(',').for_each(|group| self.group(now, group.trim())),
            (None, Some(wait)) => Self::extend(&mut self.all, now, wait),
            (None, None) if status == 429 => Self::extend(&mut self.all, now, UNSPECIFIED),
            (None, None) => (),
        }
    }

    /// One group: `seconds:category;category:scope:reason`. No category means all; unknown ones are not ours.
    fn group(&mut self, now: Instant, group: &str) {
        let mut parts = group.split(':');
        let Some(wait) = parts.next().and_then(seconds) else { return };
        let categories = parts.next().unwrap_or_default();
        for category in categories.split(';') {
            let limit = match category.trim() {
                "" => &mut self.all,
                "error" | "default" => &mut self.event,
                "transaction" => &mut self.transaction,
                "monitor" => &mut self.check_in,
                "session" => &mut self.session,
                "log_item" | "log_byte" => &mut self.log,
                "trace_metric" | "trace_metric_byte" => &mut self.metric,
                "attachment" => &mut self.attachment,
                _ => continue,
            };
            Self::extend(limit, now, wait);
        }
    }

    fn extend(limit: &mut Option<Instant>, now: Instant, wait: Duration) {
        // Instants near the platform's end cannot be added to: then there is no limit rather than no program.
        *limit = now.checked_add(wait.min(LONGEST)).max(*limit);
    }

    /// Whether this kind may not be sent now.
    pub(super) fn refuses(&self, now: Instant, kind: Kind) -> bool {
        let own = match kind {
            Kind::Event => self.event,
            Kind::Transaction => self.transaction,
            Kind::CheckIn => self.check_in,
            Kind::Session => self.session,
            Kind::Log => self.log,
            Kind::Metric => self.metric,
            Kind::Attachment => self.attachment,
            Kind::Other => None,
        };
        self.all.max(own).is_some_and(|until| until > now)
    }
}

/// Seconds as a header writes them, fractions rounded up; negative and absurd numbers are none.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds.ceil()).ok().map(|wait| wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(limits: &Limits, at: Instant) -> Vec<Kind> {
        [Kind::Event, Kind::Transaction, Kind::CheckIn, Kind::Session, Kind::Log, Kind::Metric, Kind::Attachment]
            .into_iter()
            .filter(|kind| limits.refuses(at, *kind))
            .collect()
    }

    #[test]
    fn categories_are_limited_each_for_its_time() {
        let (mut limits, now) = (Limits::default(), Instant::now());
        limits.learn(now, 200, Some("120:error:project:reason, 60:session;log_byte:foo, 9:span;invalid:org"), None);
        assert_eq!(limited(&limits, now), [Kind::Event, Kind::Session, Kind::Log]);
        assert_eq!(limited(&limits, now + Duration::from_secs(61)), [Kind::Event]);
        assert_eq!(limited(&limits, now + Duration::from_secs(121)), []);
    }

    #[test]
    fn no_category_means_all_and_a_shorter_limit_does_not_lift_a_longer() {
        let (mut limits, now) = (Limits::default(), Instant::now());
        limits.learn(now, 429, Some("100::organization"), None);
        limits.learn(now, 429, None, Some(Duration::from_secs(5)));
        assert_eq!(limited(&limits, now + Duration::from_secs(99)).len(), 7);
        assert_eq!(limited(&limits, now + Duration::from_secs(101)), []);
    }

    #[test]
    fn a_429_alone_holds_for_a_minute_and_other_statuses_not_at_all() {
        let (mut limits, now) = (Limits::default(), Instant::now());
        limits.learn(now, 500, None, None);
        assert_eq!(limited(&limits, now), []);
        limits.learn(now, 429, None, None);
        assert!(limits.refuses(now + Duration::from_secs(59), Kind::Log));
        assert!(!limits.refuses(now + Duration::from_secs(61), Kind::Log));
    }

    #[test]
    fn nonsense_is_no_limit() {
        let (mut limits, now) = (Limits::default(), Instant::now());
        for header in ["", "error", "-5:error:org", "NaN::org", "soon:error", ",,:", "inf:error:org"] {
            limits.learn(now, 200, Some(header), None);
        }
        assert_eq!(limited(&limits, now), []);
        limits.learn(now, 200, Some("1e15:error:org"), None);
        assert!(!limits.refuses(now + LONGEST, Kind::Event));
    }
}
