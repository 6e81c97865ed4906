//! The rules for a person.

use std::fmt::Write as _;

use super::{Dataset, Plan};

pub(super) fn render(plan: &Plan) -> String {
    let mut out = String::new();
    for alert in plan.alerts() {
        let _ = writeln!(out, "{} (at most once in {} minutes)", alert.name, alert.minutes);
        for monitor in alert.monitors {
            let unit = if monitor.aggregate.contains("duration") { " ms" } else { "" };
            let of = match monitor.dataset {
                Dataset::Errors => "errors",
                Dataset::Spans => "spans",
            };
            let query = if monitor.query.is_empty() { "all" } else { &monitor.query };
            let _ = writeln!(out, "  {}", monitor.name);
            let _ = writeln!(
                out,
                "    {} > {}{unit} in {} s, {of}: {query}",
                monitor.aggregate, monitor.above, monitor.window_seconds
            );
        }
        for schedule in plan.schedules.iter().filter(|_| alert.with_schedules) {
            let _ = writeln!(out, "  Missed or failed: {}", schedule.slug);
            let _ = writeln!(
                out,
                "    `{}` {}, {} m late at most, {} m long at most",
                schedule.crontab, schedule.timezone, schedule.margin_minutes, schedule.max_runtime_minutes
            );
        }
        out.push('\n');
    }
    let _ = writeln!(out, "Dashboard");
    for widget in &plan.widgets {
        let by = if widget.columns.is_empty() { String::new() } else { format!(" by {}", widget.columns.join(", ")) };
        let _ = writeln!(out, "  {}: {}{by}", widget.title, widget.aggregate);
    }
    out
}
