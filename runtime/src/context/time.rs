//! A point in time as text.

use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_A_DAY: i64 = 86_400;

/// RFC 3339 in UTC, to the microsecond: `2025-07-03T09:30:00.000000Z`.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let micros = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
        // Rounded down, as after the epoch.
        Err(before) => i64::try_from(before.duration().as_nanos().div_ceil(1000)).map_or(i64::MIN, |before| -before),
    };
    let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let (days, second) = (seconds.div_euclid(SECONDS_A_DAY), seconds.rem_euclid(SECONDS_A_DAY));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Year, month and day of the day that many days after 1970-01-01, by the Gregorian calendar.
const fn date(days: i64) -> (i64, i64, i64) {
    // Counted from 0000-03-01, so that the leap day is the last of its year and a cycle of 400 years has 146 097 days.
    let days = days + 719_468;
    let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (cycle * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn known_times() {
        let after = |seconds, micros: u32| UNIX_EPOCH + Duration::new(seconds, micros * 1000);
        let rows = [
            (UNIX_EPOCH, "1970-01-01T00:00:00.000000Z"),
            (after(951_782_399, 0), "2000-02-28T23:59:59.000000Z"),
            (after(951_782_400, 0), "2000-02-29T00:00:00.000000Z"),
            (after(951_868_800, 1), "2000-03-01T00:00:00.000001Z"),
            (after(1_751_535_000, 250_000), "2025-07-03T09:30:00.250000Z"),
            (after(4_107_542_400, 0), "2100-03-01T00:00:00.000000Z"),
            (UNIX_EPOCH - Duration::from_nanos(1), "1969-12-31T23:59:59.999999Z"),
            (UNIX_EPOCH - Duration::from_secs(1), "1969-12-31T23:59:59.000000Z"),
        ];
        for (time, text) in rows {
            assert_eq!(rfc3339(time), text);
        }
    }

    #[test]
    fn every_day_follows_the_one_before_it() {
        let mut before = date(-800_000);
        for days in -799_999..800_000 {
            let (year, month, day) = date(days);
            let first = (year, month, day) == (before.0, before.1 + 1, 1) || (year, month, day) == (before.0 + 1, 1, 1);
            assert!(first || (year, month, day) == (before.0, before.1, before.2 + 1), "{days}");
            before = (year, month, day);
        }
    }
}
