//! Messages to people, by who carries them.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::percentile;
use super::protocol::{Span, Transaction};

/// All messages that one provider was given on one channel, in transactions that were recorded.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DeliveryStats {
    /// How they go: email, sms, push.
    pub channel: String,
    /// Who carries them.
    pub provider: String,
    /// How many ended in each way: sent, refused, bounced, cancelled, panicked.
    pub outcomes: BTreeMap<String, usize>,
    /// The 95th percentile in milliseconds.
    pub p95: f64,
}

/// By channel and provider.
pub(super) fn by_provider(transactions: &[Transaction]) -> Vec<DeliveryStats> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Span>> = BTreeMap::new();
    let spans = transactions.iter().flat_map(|transaction| &transaction.spans);
    for span in spans.filter(|span| span.op.as_deref() == Some("notification.send")) {
        groups.entry((text(span, "notification.channel"), text(span, "notification.provider"))).or_default().push(span);
    }
    groups.into_iter().map(|((channel, provider), group)| of(channel, provider, &group)).collect()
}

fn of(channel: &str, provider: &str, group: &[&Span]) -> DeliveryStats {
    let mut outcomes = BTreeMap::new();
    for span in group {
        *outcomes.entry(text(span, "notification.outcome").to_owned()).or_default() += 1;
    }
    let mut millis: Vec<f64> = group.iter().map(|span| (span.timestamp - span.start_timestamp) * 1e3).collect();
    millis.sort_by(f64::total_cmp);
    let (channel, provider) = (channel.to_owned(), provider.to_owned());
    DeliveryStats { channel, provider, outcomes, p95: percentile(&millis, 95) }
}

fn text<'a>(span: &'a Span, key: &str) -> &'a str {
    span.data.get(key).and_then(Value::as_str).unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn by_channel_provider_and_outcome() {
        let span = |op: &str, provider: &str, outcome: &str, took: f64| {
            Span {
            op: Some(op.to_owned()),
            timestamp: took,
            data: json!({"notification.channel": "sms", "notification.provider": provider, "notification.outcome": outcome})
                .as_object()
                .cloned()
                .unwrap_or_default(),
            ..Span::default()
        }
        };
        let spans = vec![
            span("notification.send", "twilio", "sent", 0.01),
            span("notification.send", "twilio", "bounced", 0.25),
            span("notification.send", "vonage", "sent", 0.02),
            span("http.client", "twilio", "sent", 1.0),
        ];
        let stats = by_provider(&[Transaction { spans, ..Transaction::default() }]);
        let told: Vec<_> =
            stats.iter().map(|s| (&*s.provider, s.outcomes.get("sent"), s.outcomes.len(), s.p95)).collect();
        assert_eq!(told, [("twilio", Some(&1), 2, 250.0), ("vonage", Some(&1), 1, 20.0)]);
    }
}
