//! An envelope's lines and lengths.

use std::fmt;

use serde_json::{Map, Value};

/// An envelope as it came: the header line, then items.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Envelope {
    /// The first line.
    pub headers: Map<String, Value>,
    /// The items in their order, of known and unknown types.
    pub items: Vec<RawItem>,
}

/// One item, its payload not yet looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawItem {
    /// The item's header line; `type` is always there.
    pub headers: Map<String, Value>,
    /// The payload's bytes.
    pub payload: Vec<u8>,
}

/// Why bytes are not an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Malformed {
    /// The first line is not a JSON object.
    Headers,
    /// The header line of the item with this index (from 0) is not a JSON object with a `type`.
    ItemHeaders(usize),
    /// The item with this index (from 0) is shorter than its `length`, or does not end in a line's end.
    Length(usize),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Headers => f.write_str("the envelope's first line is not a JSON object"),
            Self::ItemHeaders(at) => write!(f, "the header of item {at} is not a JSON object with a type"),
            Self::Length(at) => write!(f, "item {at} does not end where its length says"),
        }
    }
}

impl std::error::Error for Malformed {}

impl Envelope {
    /// Splits bytes by the rules: a header line, then pairs of a header line and a payload that is as long as its
    /// `length` says, or goes to the end of the line where it says nothing.
    ///
    /// # Errors
    /// When the bytes break the rules. What a payload holds is not looked at.
    pub fn split(bytes: &[u8]) -> Result<Self, Malformed> {
        let (line, mut rest) = line(bytes);
        let headers = object(line).ok_or(Malformed::Headers)?;
        let mut items = Vec::new();
        while let Some(start) = rest.iter().position(|byte| *byte != b'\n') {
            let (item, after) = RawItem::split(&rest[start..], items.len())?;
            items.push(item);
            rest = after;
        }
        Ok(Self { headers, items })
    }
}

impl RawItem {
    fn split(bytes: &[u8], at: usize) -> Result<(Self, &[u8]), Malformed> {
        let (first, rest) = line(bytes);
        let headers = object(first).filter(|headers| headers.get("type").is_some_and(Value::is_string));
        let headers = headers.ok_or(Malformed::ItemHeaders(at))?;
        let (payload, rest) = match headers.get("length") {
            None => line(rest),
            Some(length) => {
                let length = length.as_u64().and_then(|length| usize::try_from(length).ok());
                let (payload, rest) =
                    length.and_then(|length| rest.split_at_checked(length)).ok_or(Malformed::Length(at))?;
                match rest {
                    [] => (payload, rest),
                    [b'\n', rest @ ..] => (payload, rest),
                    _ => return Err(Malformed::Length(at)),
                }
            }
        };
        Ok((Self { headers, payload: payload.to_vec() }, rest))
    }
}

fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

fn object(line: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(bytes: &str) -> Vec<(String, String)> {
        let envelope = Envelope::split(bytes.as_bytes()).unwrap();
        let kind = |item: &RawItem| item.headers["type"].as_str().unwrap().to_owned();
        envelope.items.iter().map(|item| (kind(item), String::from_utf8_lossy(&item.payload).into_owned())).collect()
    }

    #[test]
    fn a_length_may_span_lines_and_its_absence_means_one_line() {
        let found = kinds(
            "{\"event_id\":\"1\"}\n{\"type\":\"attachment\",\"length\":5}\na\nb\nc\n{\"type\":\"event\"}\n{\"a\":1}\n\n",
        );
        assert_eq!(found, [("attachment".into(), "a\nb\nc".into()), ("event".into(), "{\"a\":1}".into())]);
    }

    #[test]
    fn unknown_types_and_empty_payloads_are_kept() {
        assert_eq!(kinds("{}\n{\"type\":\"new_thing\",\"length\":0}"), [("new_thing".into(), String::new())]);
        assert_eq!(kinds("{}\n{\"type\":\"new_thing\",\"length\":0}\n"), [("new_thing".into(), String::new())]);
        assert_eq!(kinds("{}"), []);
    }

    #[test]
    fn broken_rules_are_told_apart() {
        let split = |text: &str| Envelope::split(text.as_bytes()).unwrap_err();
        assert_eq!(split(""), Malformed::Headers);
        assert_eq!(split("[]\n"), Malformed::Headers);
        assert_eq!(split("{}\n{\"length\":1}\na"), Malformed::ItemHeaders(0));
        assert_eq!(split("{}\n{\"type\":\"event\",\"length\":9}\n{}"), Malformed::Length(0));
        assert_eq!(split("{}\n{\"type\":\"event\",\"length\":1}\n{}"), Malformed::Length(0));
        assert_eq!(split("{}\n{\"type\":\"event\",\"length\":-1}\n{}"), Malformed::Length(0));
    }
}
