//! Look-ups in caches, by what they ask for.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::protocol::Transaction;

/// All look-ups of one kind of key, in transactions that were recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CacheStats {
    /// The key, or its template: `user:*`.
    pub key: String,
    /// How many look-ups there were.
    pub gets: usize,
    /// How many found everything that they asked for.
    pub hits: usize,
}

impl CacheStats {
    /// Hits of a hundred look-ups.
    pub fn hit_rate(&self) -> f64 {
        if self.gets == 0 { 0.0 } else { self.hits as f64 * 100.0 / self.gets as f64 }
    }
}

/// The most frequent first. What does not say whether it found something is not a look-up that came to its end.
pub(super) fn by_key(transactions: &[Transaction]) -> Vec<CacheStats> {
    let mut groups: BTreeMap<&str, CacheStats> = BTreeMap::new();
    let spans = transactions.iter().flat_map(|transaction| &transaction.spans);
    for span in spans.filter(|span| span.op.as_deref() == Some("cache.get")) {
        let Some(hit) = span.data.get("cache.hit").and_then(Value::as_bool) else { continue };
        let key = span.description.as_deref().unwrap_or_default();
        let stats = groups.entry(key).or_insert_with(|| CacheStats { key: key.to_owned(), ..CacheStats::default() });
        stats.gets += 1;
        stats.hits += usize::from(hit);
    }
    let mut stats: Vec<_> = groups.into_values().collect();
    stats.sort_by_key(|stats| std::cmp::Reverse(stats.gets));
    stats
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::protocol::Span;

    #[test]
    fn hits_of_look_ups() {
        let span = |key: &str, data: Value| Span {
            op: Some("cache.get".to_owned()),
            description: Some(key.to_owned()),
            data: data.as_object().cloned().unwrap_or_default(),
            ..Span::default()
        };
        let spans = vec![
            span("rare:*", json!({"cache.hit": false})),
            span("user:*", json!({"cache.hit": true})),
            span("user:*", json!({"cache.hit": false})),
            span("user:*", json!({"cache.hit": true})),
            span("user:*", json!({"error.type": "timeout"})),
        ];
        let stats = by_key(&[Transaction { spans, ..Transaction::default() }]);
        let told: Vec<_> = stats.iter().map(|s| (&*s.key, s.gets, s.hit_rate().round())).collect();
        assert_eq!(told, [("user:*", 3, 67.0), ("rare:*", 1, 0.0)]);
    }
}
