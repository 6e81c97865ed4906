//! `watchpost alerts` over the booking service: every payload as Sentry's API describes it, every resource connected.
//!
//! `alerts/schema.json` holds what of the published description (<https://github.com/getsentry/sentry-api-schema>, read in
//! August 2026) is about what is sent: names, types, limits, choices. Nothing that it does not name may be sent.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn alerts(arguments: &[&str]) -> String {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let output = Command::new(env!("CARGO_BIN_EXE_watchpost"))
        .args(["alerts", "--source"])
        .arg(examples)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What of a value is not as the schema says, by its path.
fn objections(value: &Value, schema: &Value, path: &str, out: &mut Vec<String>) {
    if value.is_null() && schema["nullable"] == true {
        return;
    }
    let is = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !is {
        return out.push(format!("{path}: {value} is no {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|choices| !choices.contains(value)) {
        out.push(format!("{path}: {value} is none of {}", schema["enum"]));
    }
    if let (Some(text), Some(most)) = (value.as_str(), schema["maxLength"].as_u64())
        && text.chars().count() > usize::try_from(most).unwrap()
    {
        out.push(format!("{path}: longer than {most}"));
    }
    let number = value.as_i64();
    if number.zip(schema["minimum"].as_i64()).is_some_and(|(number, least)| number < least)
        || number.zip(schema["maximum"].as_i64()).is_some_and(|(number, most)| number > most)
    {
        out.push(format!("{path}: {value} is out of range"));
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(required).is_none() {
            out.push(format!("{path}: `{required}` is missing"));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => objections(inner, schema, &format!("{path}.{name}"), out),
            None if schema["closed"] == true => out.push(format!("{path}: `{name}` is unknown")),
            None => {}
        }
    }
    for (at, inner) in value.as_array().into_iter().flatten().enumerate() {
        objections(inner, &schema["items"], &format!("{path}[{at}]"), out);
    }
}

fn schema() -> Value {
    serde_json::from_str(include_str!("alerts/schema.json")).unwrap()
}

#[test]
fn every_payload_is_as_the_published_schema_says() {
    let requests: Value =
        serde_json::from_str(&alerts(&["--format", "sentry-api", "--environment", "production"])).unwrap();
    let requests = requests.as_array().unwrap();
    let schema = schema();
    let mut seen = Vec::new();
    for request in requests {
        let kind = request["path"].as_str().unwrap().trim_end_matches('/').rsplit('/').next().unwrap();
        let mut found = Vec::new();
        objections(&request["body"], &schema[kind], request["id"].as_str().unwrap(), &mut found);
        assert!(schema.get(kind).is_some() && found.is_empty(), "{found:#?}");
        seen.push(kind);
    }
    for kind in ["detectors", "workflows", "monitors", "dashboards"] {
        assert!(seen.contains(&kind), "{seen:?}");
    }
    // What an alert is connected to is made before it.
    for (at, request) in requests.iter().enumerate() {
        for id in request["connect"].as_array().into_iter().flatten() {
            assert!(requests[..at].iter().any(|before| before["id"] == *id), "{id}");
        }
    }
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let requests: Value = serde_json::from_str(&alerts(&["--format", "sentry-api"])).unwrap();
    let mut body = requests[0]["body"].clone();
    body["name"] = "x".repeat(201).into();
    body["typ"] = "metric_issue".into();
    body["conditionGroup"]["conditions"][0]["conditionResult"] = 60.into();
    let mut found = Vec::new();
    objections(&body, &schema()["detectors"], "", &mut found);
    assert_eq!(found.len(), 3, "{found:#?}");
}

#[test]
fn the_guides_three_rules_are_there_with_its_numbers() {
    let requests: Value =
        serde_json::from_str(&alerts(&["--format", "sentry-api", "--route", "/api/v1/appointments"])).unwrap();
    let rule =
        |id: &str| requests.as_array().unwrap().iter().find(|request| request["id"] == id).unwrap()["body"].clone();
    let (errors, slow, payment) =
        (rule("high_error_rate"), rule("slow_api_performance"), rule("payment_processing_issues"));
    let limits = |body: &Value| {
        (body["conditionGroup"]["conditions"][0]["comparison"].clone(), body["dataSources"][0]["timeWindow"].clone())
    };
    assert_eq!(limits(&errors), (100.into(), 300.into()));
    assert_eq!(limits(&slow).0, 2000);
    assert!(slow["dataSources"][0]["query"].as_str().unwrap().contains("/api/v1/appointments"));
    assert_eq!(limits(&payment), (5.into(), 60.into()));
    assert_eq!(payment["dataSources"][0]["query"], "error.category:payment");
}

#[test]
fn what_is_in_the_catalogue_has_a_rule() {
    let text = alerts(&[]);
    for rule in ["Errors: booking", "Errors: database", "Slow: booking_creation", "Missed or failed: nightly_reminders"]
    {
        assert!(text.contains(rule), "{text}");
    }
}

#[test]
fn terraforms_alerts_name_monitors_that_are_made() {
    let text = alerts(&["--format", "terraform"]);
    let named = text.lines().filter_map(|line| line.trim().strip_suffix(".id,"));
    let named: Vec<_> = named.map(|name| name.split_once('.').unwrap()).collect();
    assert!(named.len() > 5, "{text}");
    for (kind, name) in named {
        assert!(text.contains(&format!("resource \"{kind}\" \"{name}\" {{")), "{kind} {name}");
    }
    assert_eq!(text.matches('{').count(), text.matches('}').count());
    assert!(text.contains("environment  = null"));
}
