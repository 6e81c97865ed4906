//! What is watched.

use crate::catalog::{Cron, Function, duration};

/// A number that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitor {
    /// A name for machines: small letters, digits and `_`.
    pub key: String,
    /// A name for people, at most 200 characters.
    pub name: String,
    /// What it means that it opens an issue.
    pub why: String,
    /// What it counts in.
    pub dataset: Dataset,
    /// What it computes.
    pub aggregate: &'static str,
    /// Of which events or spans, in Sentry's search.
    pub query: String,
    /// Over how many seconds.
    pub window_seconds: u32,
    /// More than this is too much. Milliseconds, where it is a duration.
    pub above: u64,
    /// Whether someone is to be woken.
    pub is_urgent: bool,
}

/// What a monitor counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dataset {
    /// Error events and messages.
    Errors,
    /// Spans, transactions included.
    Spans,
}

/// A schedule that is watched. Its check-ins make the monitor by themselves; making it before is for those who want to be
/// told when the first run is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// A name for machines.
    pub key: String,
    /// The slug.
    pub slug: String,
    /// Five fields.
    pub crontab: String,
    /// The time zone.
    pub timezone: String,
    /// How late a run may start, in minutes: Sentry's own 1, where the attribute is silent.
    pub margin_minutes: u64,
    /// How long a run may take, in minutes: Sentry's own 30, where the attribute is silent.
    pub max_runtime_minutes: u64,
}

/// The three rules of the guide.
pub(super) fn of_the_guide(route: Option<&str>) -> Vec<Monitor> {
    let of_route = route.map(|route| format!(" transaction:{}", quoted(&format!("*{route}")))).unwrap_or_default();
    vec![
        Monitor {
            key: "high_error_rate".to_owned(),
            name: "High Error Rate".to_owned(),
            why: "more than 100 errors in 5 minutes".to_owned(),
            dataset: Dataset::Errors,
            aggregate: "count()",
            query: String::new(),
            window_seconds: 300,
            above: 100,
            is_urgent: false,
        },
        Monitor {
            key: "slow_api_performance".to_owned(),
            name: "Slow API Performance".to_owned(),
            why: format!("one request in twenty takes longer than 2000 ms: {}", route.unwrap_or("all routes")),
            dataset: Dataset::Spans,
            aggregate: "p95(span.duration)",
            query: format!("is_transaction:true span.op:http.server{of_route}"),
            window_seconds: 300,
            above: 2000,
            is_urgent: false,
        },
        Monitor {
            key: "payment_processing_issues".to_owned(),
            name: "Payment Processing Issues".to_owned(),
            why: "more than 5 errors of the category `payment` in 1 minute".to_owned(),
            dataset: Dataset::Errors,
            aggregate: "count()",
            query: "error.category:payment".to_owned(),
            window_seconds: 60,
            above: 5,
            is_urgent: true,
        },
    ]
}

impl Monitor {
    /// More errors of a category than a few.
    pub(super) fn of_category(category: &str) -> Self {
        Self {
            key: format!("errors_{}", key(category)),
            name: cut(format!("Errors: {category}")),
            why: format!("more than 10 errors of the category `{category}` in 5 minutes"),
            dataset: Dataset::Errors,
            aggregate: "count()",
            query: format!("error.category:{}", quoted(category)),
            window_seconds: 300,
            above: 10,
            is_urgent: false,
        }
    }

    /// A function that takes longer than its own limit.
    pub(super) fn of_slow_limit(function: &Function) -> Option<Self> {
        let millis = function.slow_ms?;
        let name = quoted(&function.name);
        Some(Self {
            key: format!("slow_{}", key(&function.name)),
            name: cut(format!("Slow: {}", function.name)),
            why: format!("one call of `{}` in twenty takes longer than {}", function.function, duration(millis)),
            dataset: Dataset::Spans,
            aggregate: "p95(span.duration)",
            query: format!("span.op:{} (span.description:{name} OR transaction:{name})", quoted(&function.op)),
            window_seconds: 3600,
            above: millis,
            is_urgent: false,
        })
    }
}

impl Schedule {
    pub(super) fn of(cron: &Cron) -> Self {
        Self {
            key: format!("cron_{}", key(&cron.slug)),
            slug: cron.slug.clone(),
            crontab: cron.schedule.clone(),
            timezone: cron.timezone.clone().unwrap_or_else(|| "UTC".to_owned()),
            margin_minutes: cron.checkin_margin_minutes.unwrap_or(1).max(1),
            max_runtime_minutes: cron.max_runtime_minutes.unwrap_or(30).max(1),
        }
    }
}

/// Small letters, digits and `_`.
fn key(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' }).collect()
}

/// A value in Sentry's search: in quotes, where it is more than a word.
pub(super) fn quoted(value: &str) -> String {
    if value.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter)) {
        value.to_owned()
    } else {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// Sentry's limit on a monitor's name.
fn cut(name: String) -> String {
    if name.chars().count() <= 200 { name } else { name.chars().take(200).collect() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{Place, Plan};
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn monitors_of_like_names_have_keys_of_their_own() {
        let slow = |name: &str, op: &str| Function {
            name: name.to_owned(),
            op: op.to_owned(),
            slow_ms: Some(1),
            category: Some(name.to_owned()),
            ..Function::default()
        };
        let functions = vec![slow("pay-now", "a"), slow("pay_now", "a"), slow("pay_now", "b"), slow("pay_now_2", "a")];
        let plan = Plan::of(&Catalog { functions, ..Catalog::default() }, Place::default());
        let keys: BTreeSet<_> = plan.monitors.iter().map(|monitor| &monitor.key).collect();
        assert_eq!(keys.len(), plan.monitors.len(), "{keys:?}");
    }

    #[test]
    fn names_are_quoted_where_the_search_would_read_them_otherwise() {
        assert_eq!(quoted("business.booking"), "business.booking");
        assert_eq!(quoted("Database::barbers"), "\"Database::barbers\"");
        assert_eq!(quoted("a \"b\""), "\"a \\\"b\\\"\"");
        assert_eq!(key("Database::barbers"), "database__barbers");
    }
}
