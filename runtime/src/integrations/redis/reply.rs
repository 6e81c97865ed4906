//! What a reply says: hit or miss, its size, an error of the server.

use redis::{ServerError, Value};

use super::command::Command;

/// What comes back for one command, or for several.
pub(super) trait Reply {
    /// At this level an error of the server is a value, also deep inside the answer of a pipeline.
    fn error(&self) -> Option<&ServerError>;
    /// The answer to the one command.
    fn single(&self) -> Option<&Value> {
        None
    }
    /// Whether a transaction was given up because a watched key had changed.
    fn is_aborted(&self) -> bool {
        false
    }
}

impl Reply for Value {
    fn error(&self) -> Option<&ServerError> {
        match self {
            Self::ServerError(error) => Some(error),
            Self::Array(values) | Self::Set(values) => values.iter().find_map(Self::error),
            Self::Attribute { data, .. } => data.error(),
            _ => None,
        }
    }

    fn single(&self) -> Option<&Value> {
        Some(self)
    }
}

impl Reply for Vec<Value> {
    fn error(&self) -> Option<&ServerError> {
        self.iter().find_map(Value::error)
    }

    fn is_aborted(&self) -> bool {
        matches!(self.as_slice(), [Value::Nil])
    }
}

/// What a look-up found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) requested: usize,
    pub(super) found: usize,
    /// In bytes; none where the reply only says that something is there.
    pub(super) size: Option<usize>,
}

impl Found {
    /// What `command` found by its reply; none if that says nothing of it: an error, or `QUEUED` inside of a transaction.
    pub(super) fn of(command: &Command<'_>, reply: &Value) -> Option<Self> {
        let requested = command.requested().max(1);
        let found = |found: usize, size| Some(Self { requested, found, size });
        match (command.name.as_str(), reply) {
            (_, Value::ServerError(_)) => None,
            (_, Value::SimpleString(text)) if text == "QUEUED" => None,
            (_, Value::Attribute { data, .. }) => Self::of(command, data),
            ("EXISTS" | "HEXISTS", Value::Int(count)) => found(usize::try_from(*count).unwrap_or(0), None),
            ("EXISTS" | "HEXISTS", Value::Boolean(exists)) => found(usize::from(*exists), None),
            // There is no missing hash, only an empty one; and no missing range of a text.
            ("HGETALL", Value::Array(values)) => found(usize::from(!values.is_empty()), Some(bytes(reply))),
            ("HGETALL", Value::Map(pairs)) => found(usize::from(!pairs.is_empty()), Some(bytes(reply))),
            ("GETRANGE", Value::BulkString(text)) => found(usize::from(!text.is_empty()), Some(text.len())),
            ("MGET" | "HMGET" | "JSON.MGET", Value::Array(values)) => {
                found(values.iter().filter(|value| !matches!(value, Value::Nil)).count(), Some(bytes(reply)))
            }
            (_, Value::Nil) => found(0, None),
            _ => found(1, Some(bytes(reply))),
        }
    }

    pub(super) fn is_hit(self) -> bool {
        self.found >= self.requested
    }
}

/// Whether a writing command wrote; none if its reply does not say.
pub(super) fn wrote(command: &Command<'_>, reply: &Value) -> Option<bool> {
    match (command.name.as_str(), reply) {
        ("SET", Value::Okay) => Some(true),
        // `SET .. NX` that found something. With `GET` the reply is what was there before.
        ("SET", Value::Nil) => Some(false),
        ("SETNX" | "MSETNX" | "HSETNX", Value::Int(written)) => Some(*written > 0),
        ("SETNX" | "MSETNX" | "HSETNX", Value::Boolean(written)) => Some(*written),
        (_, Value::Okay) => Some(true),
        _ => None,
    }
}

fn bytes(value: &Value) -> usize {
    match value {
        Value::BulkString(bytes) => bytes.len(),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => text.len(),
        Value::Array(values) | Value::Set(values) => values.iter().map(bytes).sum(),
        Value::Map(pairs) => pairs.iter().map(|(key, value)| bytes(key) + bytes(value)).sum(),
        Value::Attribute { data, .. } => bytes(data),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str, reply: &Value) -> Option<(usize, usize, Option<usize>)> {
        let command = Command::from_args(line.split(' ').map(str::as_bytes));
        Found::of(&command, reply).map(|found| (found.found, found.requested, found.size))
    }

    fn text(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn hits_and_misses() {
        assert_eq!(found("GET a", &text("four")), Some((1, 1, Some(4))));
        assert_eq!(found("GET a", &Value::Nil), Some((0, 1, None)));
        assert_eq!(found("MGET a b", &Value::Array(vec![text("four"), Value::Nil])), Some((1, 2, Some(4))));
        assert_eq!(found("HMGET cart a b", &Value::Array(vec![text("1"), text("2")])), Some((2, 2, Some(2))));
        assert_eq!(found("EXISTS a b", &Value::Int(1)), Some((1, 2, None)));
        assert_eq!(found("HGETALL cart", &Value::Array(vec![])), Some((0, 1, Some(0))));
        assert_eq!(found("HGETALL cart", &Value::Map(vec![(text("a"), text("12"))])), Some((1, 1, Some(3))));
        assert_eq!(found("GET a", &Value::SimpleString("QUEUED".into())), None);
    }

    #[test]
    fn written_or_not() {
        let wrote = |line: &str, reply| wrote(&Command::from_args(line.split(' ').map(str::as_bytes)), &reply);
        assert_eq!(wrote("SET a 1", Value::Okay), Some(true));
        assert_eq!(wrote("SET a 1 NX", Value::Nil), Some(false));
        assert_eq!(wrote("SETNX a 1", Value::Int(0)), Some(false));
        assert_eq!(wrote("SET a 1 GET", text("0")), None);
        assert_eq!(wrote("HSET a b 1", Value::Int(0)), None);
    }
}
