//! Monitors and their check-ins.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::protocol::CheckIn;

/// One monitor.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Monitor {
    /// Its slug.
    pub slug: String,
    /// Its schedule and time zone, where a check-in has said them.
    pub schedule: Option<String>,
    /// How many runs ended in each way; `in_progress` are those that have not ended.
    pub runs: BTreeMap<String, usize>,
    /// The longest run, in milliseconds.
    pub longest: Option<f64>,
}

pub(super) fn by_slug(check_ins: &[CheckIn]) -> Vec<Monitor> {
    let mut monitors: BTreeMap<&str, (Monitor, BTreeMap<&str, &str>)> = BTreeMap::new();
    for check_in in check_ins {
        let (monitor, runs) = monitors.entry(&check_in.monitor_slug).or_default();
        if let Some(config) = &check_in.monitor_config {
            let schedule =
                config.schedule.value.as_str().map_or_else(|| config.schedule.value.to_string(), str::to_owned);
            let zone = config.timezone.as_deref().unwrap_or("UTC");
            monitor.schedule = (config.schedule.value != Value::Null).then(|| format!("{schedule} {zone}"));
        }
        if let Some(seconds) = check_in.duration {
            monitor.longest = Some(monitor.longest.unwrap_or_default().max(seconds * 1e3));
        }
        // The later check-in of a run says how it ended; one that is still running never overwrites an end.
        let status = runs.entry(&check_in.check_in_id).or_insert(&check_in.status);
        if check_in.status != "in_progress" {
            *status = &check_in.status;
        }
    }
    let finish = |(slug, (mut monitor, runs)): (&str, (Monitor, BTreeMap<&str, &str>))| {
        monitor.slug = slug.to_owned();
        for status in runs.into_values() {
            *monitor.runs.entry(status.to_owned()).or_default() += 1;
        }
        monitor
    };
    monitors.into_iter().map(finish).collect()
}
