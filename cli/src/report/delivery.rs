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
    /// How many of those that bounced did so for good (`permanent`) and for now (`transient`).
    pub bounces: BTreeMap<String, usize>,
    /// The 95th percentile in milliseconds.
    pub p95: f64,
}

/// By channel and provider.
pub(super) fn by_provider(transactions: &[Transaction]) -> Vec<DeliveryStats> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Span>> = BTreeMap::new();
    let spans = transactions.iter().flat_map(|transaction| &transaction.spans);
    for span in spans.filter(|span| span.op.as_deref() == Some("notification.send")) {
        let word = |key| text(span, key).unwrap_or("?");
        groups.entry((word("notification.channel"), word("notification.provider"))).or_default().push(span);
    }
    groups.into_iter().map(|((channel, provider), group)| of(channel, provider, &group)).collect()
}

fn of(channel: &str, provider: &str, group: &[&Span]) -> DeliveryStats {
    let counted = |key: &str| {
        let mut counts = BTreeMap::new();
        for word in group.iter().filter_map(|span| text(span, key)) {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
        counts
    };
    let mut millis: Vec<f64> = group.iter().map(|span| (span.timestamp - span.start_timestamp) * 1e3).collect();
    millis.sort_by(f64::total_cmp);
    let (channel, provider) = (channel.to_owned(), provider.to_owned());
    DeliveryStats {
        channel,
        provider,
        outcomes: counted("notification.outcome"),
        bounces: counted("notification.bounce"),
        p95: percentile(&millis, 95),
    }
}

fn text<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    span.data.get(key).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn by_channel_provider_and_outcome() {
        let span = |op: &str, provider: &str, outcome: &str, took: f64| {
            let (outcome, bounce) = outcome.split_once(' ').map_or((outcome, None), |(o, bounce)| (o, Some(bounce)));
            let mut data = json!({
                "notification.channel": "sms", "notification.provider": provider, "notification.outcome": outcome,
            });
            if let Some(bounce) = bounce {
                data["notification.bounce"] = bounce.into();
            }
            Span {
                op: Some(op.to_owned()),
                timestamp: took,
                data: data.as_object().cloned().unwrap_or_default(),
                ..Span::default()
            }
        };
        let spans = vec![
            span("notification.send", "twilio", "sent", 0.01),
            span("notification.send", "twilio", "bounced permanent", 0.25),
            span("notification.send", "twilio", "bounced transient", 0.2),
            span("notification.send", "vonage", "sent", 0.02),
            span("http.client", "twilio", "sent", 1.0),
        ];
        let stats = by_provider(&[Transaction { spans, ..Transaction::default() }]);
        let told: Vec<_> =
            stats.iter().map(|s| (&*s.provider, s.outcomes.get("sent"), s.outcomes.len(), s.p95)).collect();
        assert_eq!(told, [("twilio", Some(&1), 2, 250.0), ("vonage", Some(&1), 1, 20.0)]);
        assert_eq!((stats[0].outcomes["bounced"], stats[0].bounces["permanent"]), (2, 1));
        assert!(stats[1].bounces.is_empty());
    }
}
