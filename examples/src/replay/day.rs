//! The file of requests: one JSON object a line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// Requests in their order.
#[derive(Debug, Default)]
pub struct Day(pub Vec<Request>);

/// One request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body: JSON, ...
    #[serde(default)]
    body: Option<Value>,
    /// ... or text that need not be JSON, ...
    #[serde(default)]
    text: Option<String>,
    /// ... or bytes in hexadecimal that need not be text.
    #[serde(default)]
    hex: Option<String>,
    /// A name for the appointment that the answer tells of, for `{appointment:NAME}` further down.
    #[serde(default)]
    pub name: Option<String>,
    /// The status that is right.
    #[serde(default)]
    pub expect: Option<u16>,
}

/// The file cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("cannot read {file}: {source}")]
    Unreadable { file: PathBuf, source: std::io::Error },
    #[error("{file}, line {line}: {source}")]
    Line { file: PathBuf, line: usize, source: serde_json::Error },
}

const BUNDLED: &str = "data/requests.jsonl";

impl Day {
    /// The day that comes with the example.
    pub fn bundled() -> Result<Self, InputError> {
        Self::parse(include_str!("../../data/requests.jsonl"), Path::new(BUNDLED))
    }

    pub fn read(file: &Path) -> Result<Self, InputError> {
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|source| InputError::Unreadable { file: file.to_owned(), source })?;
        Self::parse(&text, file)
    }

    fn parse(text: &str, file: &Path) -> Result<Self, InputError> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let request = |(at, line)| {
            serde_json::from_str(line).map_err(|source| InputError::Line {
                file: file.to_owned(),
                line: at + 1,
                source,
            })
        };
        lines.map(request).collect::<Result<_, _>>().map(Self)
    }
}

impl Request {
    /// The body's bytes, its symbols replaced.
    pub(super) fn body(&self, expand: impl Fn(&str) -> String) -> Option<Vec<u8>> {
        if let Some(hex) = &self.hex {
            let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
            return Some(digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect());
        }
        let text = self.text.clone().or_else(|| self.body.as_ref().map(Value::to_string))?;
        Some(expand(&text).into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let wrong =
            Day::parse("\n{\"method\":\"GET\",\"path\":\"/\"}\n{\"method\":1}", Path::new("day.jsonl")).unwrap_err();
        assert!(wrong.to_string().starts_with("day.jsonl, line 3: "), "{wrong}");
        let missing = Day::read(Path::new("/nowhere/day.jsonl")).unwrap_err();
        assert!(missing.to_string().starts_with("cannot read /nowhere/day.jsonl: "), "{missing}");
    }

    #[test]
    fn the_bundled_day_is_a_day_of_work() {
        let Day(requests) = Day::bundled().unwrap();
        assert!(requests.len() >= 300);
        assert!(requests.iter().all(|request| request.expect.is_some()));
    }
}
