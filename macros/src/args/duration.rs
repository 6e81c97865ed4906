//! Durations as people write them: `"250ms"`, `"2s"`, `"1m 30s"`.

use std::time::Duration;

/// The duration, or what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    const HOW: &str = "write it as in \"250ms\", \"2s\" or \"1m 30s\"";
    if text.trim().is_empty() {
        return Err(format!("this duration is empty; {HOW}"));
    }
    let mut millis: u64 = 0;
    let mut rest = text.trim_start();
    let mut last = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        if number.is_empty() {
            return Err(format!("`{rest}` is no duration; {HOW}"));
        }
        let spaced = after.trim_start();
        let apart = spaced.len() < after.len() && spaced.starts_with(|c: char| !c.is_ascii_digit());
        let after = if apart { spaced } else { after };
        let letters = after.len() - after.trim_start_matches(|c: char| !c.is_ascii_digit() && !c.is_whitespace()).len();
        let (unit, after) = after.split_at(letters);
        let scale = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "" => return Err(format!("`{number}` of what? {HOW}")),
            "." | "," => return Err("a duration has no fractions; write it as in \"1s 500ms\"".to_owned()),
            _ => return Err(format!("`{unit}` is no unit of time; use `ms`, `s`, `m`, `h` or `d`")),
        };
        if apart {
            return Err(format!("a number and its unit stand together; write `{number}{unit}`"));
        }
        if scale >= last {
            return Err(format!("units go from the largest to the smallest, each once; {HOW}"));
        }
        last = scale;
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(scale));
        millis = part
            .and_then(|part| millis.checked_add(part))
            .ok_or_else(|| format!("`{text}` is longer than time goes on; {HOW}"))?;
        rest = after.trim_start();
    }
    if millis == 0 {
        return Err(format!("`{text}` is no time at all; {HOW}"));
    }
    Ok(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn millis(text: &str) -> Option<u128> {
        parse(text).ok().map(|duration| duration.as_millis())
    }

    #[test]
    fn units_add_up() {
        assert_eq!(millis("250ms"), Some(250));
        assert_eq!(millis("2s"), Some(2000));
        assert_eq!(millis("1m 30s"), Some(90_000));
        assert_eq!(millis("1h30m"), Some(5_400_000));
        assert_eq!(millis(" 1d 2h "), Some(93_600_000));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            " ",
            "5",
            "s",
            "1.5s",
            "-1s",
            "1 s",
            "2 seconds",
            "1s 1s",
            "1s 1m",
            "1ms1s",
            "99999999999999999999s",
            "1µs",
            "0s",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
