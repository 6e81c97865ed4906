//! Ways to misbehave.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How the receiver misbehaves. All but [`Failure::Delay`] refuse the envelope: nothing of it is kept as an item.
///
/// Written as text it is the mode of a command line: `status:503`, `retry-after:60`, `rate-limits:60:error:key`, `hang`,
/// `reset`, `delay:250ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Answers with this status and no more.
    Status(u16),
    /// Answers 429 with `Retry-After`, in seconds.
    RetryAfter(u64),
    /// Answers 429 with this `X-Sentry-Rate-Limits`, such as `60:error;transaction:key`.
    RateLimits(String),
    /// Reads the request and never answers.
    Hang,
    /// Resets the connection instead of answering.
    Reset,
    /// Takes the envelope, and answers only after this long.
    Delay(Duration),
}

/// The text is no way to misbehave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFailure(String);

impl fmt::Display for UnknownFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown failure mode `{}`: use status:CODE, retry-after:SECONDS, rate-limits:LIMITS, hang, reset or delay:MILLISms, \
             each with *TIMES where it should end",
            self.0
        )
    }
}

impl std::error::Error for UnknownFailure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(code) => write!(f, "status:{code}"),
            Self::RetryAfter(seconds) => write!(f, "retry-after:{seconds}"),
            Self::RateLimits(limits) => write!(f, "rate-limits:{limits}"),
            Self::Hang => f.write_str("hang"),
            Self::Reset => f.write_str("reset"),
            Self::Delay(time) => write!(f, "delay:{}ms", time.as_millis()),
        }
    }
}

impl FromStr for Failure {
    type Err = UnknownFailure;

    fn from_str(text: &str) -> Result<Self, UnknownFailure> {
        let (mode, value) = text.split_once(':').unwrap_or((text, ""));
        let failure = match mode {
            "status" => value.parse().ok().filter(|code| (100..600).contains(code)).map(Self::Status),
            "retry-after" => value.parse().ok().map(Self::RetryAfter),
            "rate-limits" if !value.is_empty() => Some(Self::RateLimits(value.to_owned())),
            "hang" if value.is_empty() => Some(Self::Hang),
            "reset" if value.is_empty() => Some(Self::Reset),
            "delay" => delay(value).map(Self::Delay),
            _ => None,
        };
        failure.ok_or_else(|| UnknownFailure(text.to_owned()))
    }
}

/// A failure and for how many requests, as a command line says it: `status:503`, or `status:503*3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn(pub Failure, pub Option<usize>);

impl FromStr for Turn {
    type Err = UnknownFailure;

    fn from_str(text: &str) -> Result<Self, UnknownFailure> {
        let Some((mode, times)) = text.rsplit_once('*') else { return Ok(Self(text.parse()?, None)) };
        let times = times.parse().map_err(|_| UnknownFailure(text.to_owned()))?;
        Ok(Self(mode.parse()?, Some(times)))
    }
}

fn delay(text: &str) -> Option<Duration> {
    match text.strip_suffix("ms") {
        Some(millis) => millis.parse().ok().map(Duration::from_millis),
        None => text.strip_suffix('s')?.parse().ok().map(Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_reads_back_what_it_writes() {
        for text in ["status:503", "retry-after:60", "rate-limits:60:error:key", "hang", "reset", "delay:250ms"] {
            assert_eq!(text.parse::<Failure>().unwrap().to_string(), text);
        }
        assert_eq!("delay:2s".parse(), Ok(Failure::Delay(Duration::from_secs(2))));
        assert_eq!("status:503*3".parse(), Ok(Turn(Failure::Status(503), Some(3))));
        assert_eq!("hang".parse(), Ok(Turn(Failure::Hang, None)));
        assert!("hang*often".parse::<Turn>().is_err());
        for text in ["", "status:", "status:99", "hang:1", "delay:2", "rate-limits", "sulk"] {
            assert!(text.parse::<Failure>().is_err(), "{text}");
        }
    }
}
