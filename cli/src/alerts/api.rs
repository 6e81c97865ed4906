//! Requests to Sentry's API: <https://docs.sentry.io/api/monitors/> and <https://docs.sentry.io/api/dashboards/>.

use serde_json::{Value, json};

use super::{Alert, Dataset, Monitor, Plan, Schedule, Widget};

/// The priorities of the issue that a monitor opens.
const HIGH: u32 = 75;
const MEDIUM: u32 = 50;
/// The state in which it closes it again.
const RESOLVED: u32 = 0;

/// Every request, in its order. The ids that an alert tells of are known when its monitors have been made: `connect` names
/// the requests whose answers have them, and they go to `detectorIds`.
pub(super) fn requests(plan: &Plan) -> Value {
    let place = &plan.place;
    let organization = format!("/api/0/organizations/{}", place.organization);
    let monitors = plan.monitors.iter().map(|monitor| {
        json!({
            "id": monitor.key,
            "method": "POST",
            "path": format!("{organization}/projects/{}/detectors/", place.project),
            "body": self::monitor(monitor, place.environment.as_deref()),
        })
    });
    let schedules = plan.schedules.iter().map(|schedule| {
        json!({
            "id": schedule.key,
            "method": "POST",
            "path": format!("{organization}/monitors/"),
            "body": self::schedule(schedule, &place.project),
        })
    });
    let alerts = plan.alerts().into_iter().map(|alert| {
        let keys: Vec<_> = alert.monitors.iter().map(|monitor| monitor.key.as_str()).collect();
        json!({
            "id": format!("alert_{}", alert.key),
            "method": "POST",
            "path": format!("{organization}/workflows/"),
            "connect": keys,
            "body": self::alert(&alert, place.environment.as_deref()),
        })
    });
    let mut all: Vec<Value> = monitors.chain(schedules).chain(alerts).collect();
    all.push(dashboard(plan));
    Value::Array(all)
}

/// The request for the dashboard.
pub(super) fn dashboard(plan: &Plan) -> Value {
    let widgets: Vec<_> = plan.widgets.iter().map(widget).collect();
    let mut body =
        json!({ "title": format!("Watchpost: {}", plan.place.project), "widgets": widgets, "period": "24h" });
    if let Some(environment) = &plan.place.environment {
        body["environment"] = json!([environment]);
    }
    json!({
        "id": "dashboard",
        "method": "POST",
        "path": format!("/api/0/organizations/{}/dashboards/", plan.place.organization),
        "body": body,
    })
}

fn monitor(monitor: &Monitor, environment: Option<&str>) -> Value {
    let mut source = match monitor.dataset {
        Dataset::Errors => json!({ "dataset": "events", "eventTypes": ["default", "error"], "queryType": 0 }),
        Dataset::Spans => json!({
            "dataset": "events_analytics_platform",
            "eventTypes": ["trace_item_span"],
            "queryType": 1,
            "extrapolationMode": "unknown",
        }),
    };
    source["aggregate"] = json!(monitor.aggregate);
    source["query"] = json!(monitor.query);
    source["timeWindow"] = json!(monitor.window_seconds);
    source["environment"] = json!(environment);
    let priority = if monitor.is_urgent { HIGH } else { MEDIUM };
    json!({
        "name": monitor.name,
        "type": "metric_issue",
        "description": monitor.why,
        "enabled": true,
        "dataSources": [source],
        "config": { "detectionType": "static" },
        "conditionGroup": {
            "logicType": "any",
            "conditions": [
                { "type": "gt", "comparison": monitor.above, "conditionResult": priority },
                { "type": "lte", "comparison": monitor.above, "conditionResult": RESOLVED },
            ],
            "actions": [],
        },
    })
}

fn schedule(schedule: &Schedule, project: &str) -> Value {
    json!({
        "project": project,
        "name": schedule.slug,
        "slug": schedule.slug,
        "config": {
            "schedule_type": "crontab",
            "schedule": schedule.crontab,
            "timezone": schedule.timezone,
            "checkin_margin": schedule.margin_minutes,
            "max_runtime": schedule.max_runtime_minutes,
            "failure_issue_threshold": 1,
            "recovery_threshold": 1,
        },
    })
}

fn alert(alert: &Alert<'_>, environment: Option<&str>) -> Value {
    let condition = |kind: &str| json!({ "type": kind, "comparison": true, "conditionResult": true });
    let triggers = ["first_seen_event", "reappeared_event", "regression_event"].map(condition);
    json!({
        "name": alert.name,
        "enabled": true,
        "detectorIds": [],
        "config": { "frequency": alert.minutes },
        "environment": environment,
        "triggers": { "logicType": "any-short", "conditions": triggers, "actions": [] },
        "actionFilters": [{
            "logicType": "all",
            "conditions": [],
            "actions": [{
                "type": "email",
                "integrationId": null,
                "data": { "fallthroughType": "ActiveMembers" },
                "config": { "targetType": "issue_owners", "targetDisplay": null, "targetIdentifier": "" },
                "status": "active",
            }],
        }],
    })
}

fn widget(widget: &Widget) -> Value {
    let [x, y, w, h] = widget.layout;
    let fields: Vec<_> = widget.columns.iter().copied().chain([widget.aggregate]).collect();
    json!({
        "title": widget.title,
        "displayType": widget.display,
        "widgetType": widget.dataset,
        "interval": "5m",
        "queries": [{
            "name": "",
            "fields": fields,
            "aggregates": [widget.aggregate],
            "columns": widget.columns,
            "conditions": widget.conditions,
            "orderby": if widget.columns.is_empty() { String::new() } else { format!("-{}", widget.aggregate) },
        }],
        "limit": if widget.display == "line" && !widget.columns.is_empty() { json!(5) } else { Value::Null },
        "layout": { "x": x, "y": y, "w": w, "h": h, "minH": 1 },
    })
}
