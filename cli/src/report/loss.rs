//! What did not arrive.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::receiver::{Answer, Item, Request};

/// What did not arrive, as far as that can be told from what did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Losses {
    /// What the client itself says it has discarded, by reason and category.
    pub discarded: Vec<Loss>,
    /// Requests that were not taken, by what became of them.
    pub refused: BTreeMap<String, usize>,
    /// Events, transactions and check-ins that were taken and cannot be read.
    pub unreadable: usize,
}

/// One line of the client's own account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// Why: `sample_rate`, `before_send`, `queue_overflow`, `network_error`, ...
    pub reason: String,
    /// Of what: `error`, `transaction`, `span`, ...
    pub category: String,
    /// How many.
    pub quantity: u64,
}

impl Losses {
    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.discarded.is_empty() && self.refused.is_empty() && self.unreadable == 0
    }

    pub(super) fn of(items: &[Item], requests: &[Request], unreadable: usize) -> Self {
        let mut discarded: BTreeMap<(String, String), u64> = BTreeMap::new();
        let reports = items.iter().filter(|item| item.kind == "client_report").filter_map(Item::json);
        for line in reports.filter_map(|report| report.get("discarded_events")?.as_array()).flatten() {
            let text = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or("unknown").to_owned();
            let quantity = line.get("quantity").and_then(Value::as_u64).unwrap_or_default();
            *discarded.entry((text("reason"), text("category"))).or_default() += quantity;
        }
        let mut refused = BTreeMap::new();
        for request in requests {
            let why = match &request.answer {
                Answer::Taken => continue,
                Answer::Malformed(why) => format!("malformed: {why}"),
                Answer::Refused(status) => format!("refused with status {status}"),
                Answer::Failed(failure) => format!("failed as told: {failure}"),
            };
            *refused.entry(why).or_default() += 1;
        }
        let line = |((reason, category), quantity)| Loss { reason, category, quantity };
        Self { discarded: discarded.into_iter().map(line).collect(), refused, unreadable }
    }
}
