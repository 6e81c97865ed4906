//! Where placeholders stand.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::receiver::Item;

/// Placeholders in one place of one type of item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Redaction {
    /// The item's type.
    pub item: String,
    /// The path to the value, without indexes: `exception.values.value`.
    pub place: String,
    /// How many placeholders stand there.
    pub count: usize,
}

/// What the redactor, or Sentry's own scrubbing, puts in a value's place.
const PLACEHOLDERS: [&str; 3] = ["[REDACTED", "[Filtered]", "***"];

pub(super) fn by_place(items: &[Item]) -> Vec<Redaction> {
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for item in items {
        if let Some(value) = item.json() {
            walk(value, &mut Vec::new(), &mut |path, count| {
                *places.entry((item.kind.clone(), path.join("."))).or_default() += count;
            });
        }
    }
    let found = places.into_iter().map(|((item, place), count)| Redaction { item, place, count });
    let mut found: Vec<Redaction> = found.collect();
    found.sort_by_key(|redaction| std::cmp::Reverse(redaction.count));
    found
}

fn walk<'a>(value: &'a Value, path: &mut Vec<&'a str>, found: &mut impl FnMut(&[&str], usize)) {
    match value {
        Value::String(text) => {
            let count = PLACEHOLDERS.iter().map(|placeholder| text.matches(placeholder).count()).sum();
            if count > 0 {
                found(path, count);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| walk(value, path, found)),
        Value::Object(map) => {
            for (key, value) in map {
                path.push(key);
                walk(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}
