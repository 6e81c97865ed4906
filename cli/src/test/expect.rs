//! What a trial must have sent.

use serde_json::Value;

use crate::receiver::Item;

/// One thing that must be so.
pub(super) struct Expected {
    /// In words.
    pub(super) what: &'static str,
    pub(super) holds: Holds,
}

type Holds = Box<dyn Fn(&[Item]) -> bool>;

/// It is so of all the items.
pub(super) fn expect(what: &'static str, holds: impl Fn(&[Item]) -> bool + 'static) -> Expected {
    Expected { what, holds: Box::new(holds) }
}

/// So many items of a type.
pub(super) fn count(what: &'static str, kind: &'static str, number: usize) -> Expected {
    expect(what, move |items| all(items, kind).count() == number)
}

/// Some item of a type is so.
pub(super) fn some(what: &'static str, kind: &'static str, holds: impl Fn(&Value) -> bool + 'static) -> Expected {
    expect(what, move |items| all(items, kind).any(&holds))
}

/// None of these texts is anywhere in what left.
pub(super) fn absent(what: &'static str, texts: &'static [&'static str]) -> Expected {
    expect(what, move |items| {
        let all = serde_json::to_string(items).unwrap_or_default();
        !items.is_empty() && texts.iter().all(|text| !all.contains(text))
    })
}

/// The items of a type, as JSON.
pub(super) fn all<'a>(items: &'a [Item], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    items.iter().filter(move |item| item.kind == kind).filter_map(Item::json)
}

/// An event's error category.
pub(super) fn category(event: &Value) -> Option<&str> {
    event["tags"]["error.category"].as_str()
}

/// A transaction's spans of an operation.
pub(super) fn spans<'a>(transaction: &'a Value, op: &'a str) -> impl Iterator<Item = &'a Value> {
    transaction["spans"].as_array().into_iter().flatten().filter(move |span| span["op"] == op)
}
