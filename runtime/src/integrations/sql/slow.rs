//! Statements that take longer than they should.

use std::time::Duration;

use super::words::cut;
use super::{Database, IN_CRUMB, IN_EVENT};
use crate::capture::{Pace, capture_notice};
use crate::{Level, ToValue, add_context, set_tag, with_scope};

/// From where on a statement is slow. Each is told of at most once a minute and statement.
///
/// ```
/// use std::time::Duration;
/// use watchpost::sql::Limits;
///
/// let report = Limits::default().slow_after(Duration::from_secs(10)).very_slow_after(Duration::from_secs(60));
/// # let _ = report;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    slow: Duration,
    very_slow: Duration,
}

impl Default for Limits {
    /// One second, and five.
    fn default() -> Self {
        Self { slow: Duration::from_secs(1), very_slow: Duration::from_secs(5) }
    }
}

impl Limits {
    /// From here on a warning is sent: "Slow query". One second unless set.
    #[must_use]
    pub fn slow_after(mut self, limit: Duration) -> Self {
        self.slow = limit;
        self
    }

    /// From here on it is an error. Five seconds unless set.
    #[must_use]
    pub fn very_slow_after(mut self, limit: Duration) -> Self {
        self.very_slow = limit;
        self
    }

    /// How bad it is, and which limit says so.
    fn by(self, took: Duration) -> Option<(Level, Duration)> {
        if took >= self.very_slow {
            Some((Level::Error, self.very_slow))
        } else {
            (took >= self.slow).then_some((Level::Warning, self.slow))
        }
    }

    pub(super) fn is_slow(self, took: Duration) -> bool {
        took >= self.slow.min(self.very_slow)
    }
}

static TOLD: Pace = Pace::once_in(Duration::from_secs(60));

/// Tells of a statement, if it was slow and has not been told of within the minute.
pub(super) fn tell(statement: &str, database: &Database, took: Duration, limits: Limits) {
    let Some((level, limit)) = limits.by(took) else { return };
    if !TOLD.admits((statement, level == Level::Error)) {
        return;
    }
    with_scope(|| {
        database.tag();
        set_tag("error.category", "database");
        let (took, limit, statement) = (millis(took), millis(limit), cut(statement, IN_EVENT));
        add_context((
            "slow_query",
            [
                ("statement", &statement as &dyn ToValue),
                ("duration_ms", &took),
                ("threshold_ms", &limit),
                ("system", &database.system()),
            ],
        ));
        capture_notice(&format!("Slow query: {}", cut(&statement, IN_CRUMB)), level);
    });
}

pub(super) fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_limits() {
        let (limits, second) = (Limits::default(), Duration::from_secs(1));
        assert_eq!(limits.by(second / 2), None);
        assert_eq!(limits.by(second), Some((Level::Warning, second)));
        assert_eq!(limits.by(second * 9), Some((Level::Error, second * 5)));
        assert!(limits.is_slow(second) && !limits.is_slow(second / 2));
    }
}
