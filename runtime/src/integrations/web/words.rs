//! Few words for what there is much of: durations and methods.

use std::time::Duration;

/// One of four words to search by.
pub(super) fn time_class(took: Duration) -> &'static str {
    match took.as_millis() {
        ..200 => "fast",
        200..1_000 => "normal",
        1_000..5_000 => "slow",
        _ => "very_slow",
    }
}

/// The method, of which there are few: a client may send any word as one.
pub(super) fn method(method: &str) -> &'static str {
    const METHODS: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE"];
    METHODS.into_iter().find(|known| *known == method).unwrap_or("_OTHER")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_time() {
        let classes = [0, 199, 200, 999, 1_000, 4_999, 5_000].map(|millis| time_class(Duration::from_millis(millis)));
        assert_eq!(classes, ["fast", "fast", "normal", "normal", "slow", "slow", "very_slow"]);
    }

    #[test]
    fn methods_are_few() {
        assert_eq!(["GET", "PATCH", "get", "QWERTY"].map(method), ["GET", "PATCH", "_OTHER", "_OTHER"]);
    }
}
