//! What is told in one line.

use std::collections::BTreeMap;

use sentry_core::protocol::{Attachment, Log, LogLevel, Metric, MetricType, MonitorCheckIn, MonitorCheckInStatus};

use super::sheet::{Ink, Sheet, clock, duration, pairs};

pub(super) fn check_in(sheet: &mut Sheet, check_in: &MonitorCheckIn) {
    let (status, ink) = match check_in.status {
        MonitorCheckInStatus::Ok => ("ok", Ink::Green),
        MonitorCheckInStatus::InProgress => ("in progress", Ink::Dim),
        MonitorCheckInStatus::Error => ("error", Ink::Red),
        MonitorCheckInStatus::Missed => ("missed", Ink::Red),
        MonitorCheckInStatus::Unknown => ("unknown", Ink::Yellow),
    };
    let took = check_in.duration.map(|seconds| duration(seconds * 1e3)).unwrap_or_default();
    sheet.head((Ink::Plain, &format!("check-in  {}", check_in.monitor_slug)), &[(ink, status.to_owned())], &took);
}

pub(super) fn logs(sheet: &mut Sheet, logs: &[Log]) {
    for log in logs {
        let (level, ink) = match log.level {
            LogLevel::Trace => ("trace", Ink::Dim),
            LogLevel::Debug => ("debug", Ink::Dim),
            LogLevel::Info => ("info", Ink::Cyan),
            LogLevel::Warn => ("warn", Ink::Yellow),
            LogLevel::Error => ("error", Ink::Red),
            LogLevel::Fatal => ("fatal", Ink::Red),
        };
        let program = |key: &str| !["sentry.", "server.", "os.", "user."].iter().any(|own| key.starts_with(own));
        let attributes = log.attributes.iter().filter(|(key, _)| program(key));
        let attributes = pairs(attributes.map(|(key, value)| (key.as_str(), &value.0)));
        let trace = log.trace_id.map(|trace| trace.to_string()).unwrap_or_default();
        let said = if attributes.is_empty() { Vec::new() } else { vec![(Ink::Dim, attributes)] };
        let aside = format!("{}  {trace:.8}", clock(log.timestamp));
        sheet.head((ink, &format!("log  {level}  {}", log.body)), &said, &aside);
    }
}

/// Metrics of one name in one batch: how many, and what they come to.
pub(super) fn metrics(sheet: &mut Sheet, metrics: &[Metric]) {
    let mut names: BTreeMap<&str, Vec<&Metric>> = BTreeMap::new();
    for metric in metrics {
        names.entry(&metric.name).or_default().push(metric);
    }
    for (name, values) in names {
        let Some(last) = values.last() else { continue };
        let unit = last.unit.as_ref().and_then(|unit| serde_json::to_value(unit).ok());
        let unit = unit.as_ref().and_then(|unit| unit.as_str()).map(|unit| format!(" {unit}")).unwrap_or_default();
        let numbers = || values.iter().map(|metric| metric.value);
        let said = match last.r#type {
            MetricType::Counter => format!("+{}{unit}", number(numbers().sum())),
            MetricType::Gauge => format!("{}{unit}", number(last.value)),
            MetricType::Distribution => {
                let (low, high) = numbers().fold((f64::MAX, f64::MIN), |(low, high), n| (low.min(n), high.max(n)));
                match values.len() {
                    1 => format!("{}{unit}", number(high)),
                    count => format!("{} to {}{unit}, {count} values", number(low), number(high)),
                }
            }
        };
        sheet.head((Ink::Dim, &format!("metric  {name}")), &[(Ink::Plain, said)], &clock(last.timestamp));
    }
}

pub(super) fn attachment(sheet: &mut Sheet, attachment: &Attachment) {
    let size = format!("{} bytes", attachment.buffer.len());
    sheet.head((Ink::Dim, &format!("attachment  {}", attachment.filename)), &[], &size);
}

/// At most three digits after the point, and none that say nothing.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
