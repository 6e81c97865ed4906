//! Resources of the provider jianyuan/sentry, whose names for these things came with its version 0.15.

use std::fmt::Write as _;

use super::{Alert, Dataset, Monitor, Plan, Schedule, Widget};

const HEAD: &str = r#"terraform {
  required_providers {
    sentry = {
      source  = "jianyuan/sentry"
      version = ">= 0.15.0"
    }
  }
}
"#;

pub(super) fn render(plan: &Plan) -> String {
    let mut out = HEAD.to_owned();
    let locals = [
        ("organization", Some(plan.place.organization.as_str())),
        ("project", Some(plan.place.project.as_str())),
        ("environment", plan.place.environment.as_deref()),
    ];
    out.push_str("\nlocals {\n");
    let locals = locals.map(|(name, value)| (name, value.map_or_else(|| "null".to_owned(), text)));
    assign(&mut out, 2, &locals);
    out.push_str("}\n");
    plan.monitors.iter().for_each(|one| monitor(&mut out, one));
    plan.schedules.iter().for_each(|one| schedule(&mut out, one));
    plan.alerts().iter().for_each(|one| alert(&mut out, one, &plan.schedules));
    dashboard(&mut out, plan);
    out
}

/// `name = value`, the signs of equality in one column.
fn assign(out: &mut String, indent: usize, pairs: &[(&str, String)]) {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in pairs {
        let _ = writeln!(out, "{:indent$}{name:width$} = {value}", "");
    }
}

/// A string in the language's own quotes.
fn text(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{}\"", escaped.replace("${", "$${").replace("%{", "%%{"))
}

fn list(values: &[&str]) -> String {
    format!("[{}]", values.iter().map(|value| text(value)).collect::<Vec<_>>().join(", "))
}

fn monitor(out: &mut String, monitor: &Monitor) {
    let (dataset, types, query_type) = match monitor.dataset {
        Dataset::Errors => ("events", list(&["default", "error"]), "error"),
        Dataset::Spans => ("events_analytics_platform", list(&["trace_item_span"]), "performance"),
    };
    let priority = if monitor.is_urgent { 75 } else { 50 };
    let _ = writeln!(out, "\nresource \"sentry_metric_monitor\" \"{}\" {{", monitor.key);
    let place = [
        ("organization", "local.organization".to_owned()),
        ("project", "local.project".to_owned()),
        ("environment", "local.environment".to_owned()),
        ("name", text(&monitor.name)),
        ("description", text(&monitor.why)),
    ];
    assign(out, 2, &place);
    out.push('\n');
    let what = [
        ("aggregate", text(monitor.aggregate)),
        ("dataset", text(dataset)),
        ("event_types", types),
        ("query", text(&monitor.query)),
        ("query_type", text(query_type)),
        ("time_window_seconds", monitor.window_seconds.to_string()),
    ];
    assign(out, 2, &what);
    let above = monitor.above;
    let _ = write!(
        out,
        "\n  condition_group = {{\n    conditions = [\n      \
         {{ type = \"gt\", comparison = {above}, condition_result = {priority} }},\n      \
         {{ type = \"lte\", comparison = {above}, condition_result = 0 }},\n    ]\n  }}\n\n  \
         issue_detection = {{\n    type = \"static\"\n  }}\n}}\n"
    );
}

fn schedule(out: &mut String, schedule: &Schedule) {
    let _ = writeln!(out, "\nresource \"sentry_cron_monitor\" \"{}\" {{", schedule.key);
    let words = [
        ("organization", "local.organization".to_owned()),
        ("project", "local.project".to_owned()),
        ("name", text(&schedule.slug)),
        ("timezone", text(&schedule.timezone)),
        ("checkin_margin_minutes", schedule.margin_minutes.to_string()),
        ("max_runtime_minutes", schedule.max_runtime_minutes.to_string()),
        ("failure_issue_threshold", "1".to_owned()),
        ("recovery_threshold", "1".to_owned()),
    ];
    assign(out, 2, &words);
    let _ = write!(out, "\n  schedule = {{\n    crontab = {}\n  }}\n}}\n", text(&schedule.crontab));
}

fn alert(out: &mut String, alert: &Alert<'_>, schedules: &[Schedule]) {
    let _ = writeln!(out, "\nresource \"sentry_alert\" \"{}\" {{", alert.key);
    let words = [
        ("organization", "local.organization".to_owned()),
        ("environment", "local.environment".to_owned()),
        ("name", text(alert.name)),
        ("frequency_minutes", alert.minutes.to_string()),
    ];
    assign(out, 2, &words);
    out.push_str("\n  monitor_ids = [\n");
    for monitor in &alert.monitors {
        let _ = writeln!(out, "    sentry_metric_monitor.{}.id,", monitor.key);
    }
    for schedule in schedules.iter().filter(|_| alert.with_schedules) {
        let _ = writeln!(out, "    sentry_cron_monitor.{}.id,", schedule.key);
    }
    out.push_str(
        "  ]\n\n  trigger_conditions = [\n    { first_seen_event = {} },\n    { reappeared_event = {} },\n    \
         { regression_event = {} },\n  ]\n\n  action_filters = [\n    {\n      logic_type = \"all\"\n      \
         actions = [\n        {\n          email = {\n            target_type      = \"issue_owners\"\n            \
         fallthrough_type = \"ActiveMembers\"\n          }\n        },\n      ]\n    },\n  ]\n}\n",
    );
}

fn dashboard(out: &mut String, plan: &Plan) {
    let _ = writeln!(out, "\nresource \"sentry_dashboard\" \"watchpost\" {{");
    let words = [
        ("organization", "local.organization".to_owned()),
        ("title", text(&format!("Watchpost: {}", plan.place.project))),
    ];
    assign(out, 2, &words);
    plan.widgets.iter().for_each(|one| widget(out, one));
    out.push_str("}\n");
}

fn widget(out: &mut String, widget: &Widget) {
    out.push_str("\n  widget {\n");
    let words = [
        ("title", text(widget.title)),
        ("display_type", text(widget.display)),
        ("widget_type", text(widget.dataset)),
        ("interval", text("5m")),
    ];
    assign(out, 4, &words);
    if widget.display == "line" && !widget.columns.is_empty() {
        out.push_str("    limit        = 5\n");
    }
    out.push_str("\n    query {\n");
    let fields: Vec<_> = widget.columns.iter().copied().chain([widget.aggregate]).collect();
    let mut query = vec![("fields", list(&fields)), ("aggregates", list(&[widget.aggregate]))];
    if !widget.columns.is_empty() {
        query.push(("columns", list(widget.columns)));
    }
    query.push(("conditions", text(&widget.conditions)));
    if !widget.columns.is_empty() {
        query.push(("order_by", text(&format!("-{}", widget.aggregate))));
    }
    assign(out, 6, &query);
    let [x, y, w, h] = widget.layout.map(|number| number.to_string());
    out.push_str("    }\n\n    layout {\n");
    assign(out, 6, &[("x", x), ("y", y), ("w", w), ("h", h), ("min_h", "1".to_owned())]);
    out.push_str("    }\n  }\n");
}
