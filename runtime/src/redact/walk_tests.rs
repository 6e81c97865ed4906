use sentry_core::protocol::{
    Attachment, Breadcrumb, Context, Event, Exception, Frame, LogEntry, Map, Request, ResponseContext,
    SessionAttributes, SessionStatus, SessionUpdate, Span, Stacktrace, TraceContext, Transaction, User, Value, value,
};
use serde_json::json;

use super::{Mode, Redactor, exposed, hashed, masked};
use crate::ToValue;

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).expect("an object")
}

fn redacted(mut value: Value) -> Value {
    Redactor::new().value(&mut value);
    value
}

#[test]
fn json_by_key_and_by_shape() {
    let value = json!({
        "password": "x", "pin": 1234, "has_pin": true, "secret": null, "cookie": "", "credentials": {"a": 1}, "tokens": ["a"], "auth": {},
        "list": ["bob@example.com", 4_111_111_111_111_111_u64, 4_111_111_111_111_112_u64, 4_111_111_111_111_111.0, 17],
        "deep": [{"a": {"api_key": "x", "n": 1}}], "bob@example.com": 5, "url": "/a?token=x", "db.statement": "a = 'b'",
        "db.query.parameter.0": "bob",
    });
    let expected = json!({
        "password": "[REDACTED]", "pin": "[REDACTED]", "has_pin": true, "secret": null, "cookie": "", "credentials": "[REDACTED]",
        "tokens": "[REDACTED]", "auth": {},
        "list": ["[REDACTED]", "[REDACTED]", 4_111_111_111_111_112_u64, "[REDACTED]", 17],
        "deep": [{"a": {"api_key": "[REDACTED]", "n": 1}}], "[REDACTED]": 5, "url": "/a?token=[REDACTED]", "db.statement": "a = ?",
        "db.query.parameter.0": "[REDACTED]",
    });
    let mut found = value.clone();
    assert_eq!(Redactor::new().value(&mut found), 12);
    assert_eq!(found, expected);
    assert_eq!(Redactor::new().value(&mut found), 0, "nothing is left");
}

#[test]
fn what_is_too_deep_is_replaced() {
    let mut value = json!("innocent");
    for _ in 0..40 {
        value = json!([value]);
    }
    let text = redacted(value).to_string();
    assert!(!text.contains("innocent") && text.contains("[REDACTED]"), "{text}");
}

#[test]
fn what_is_too_much_is_replaced() {
    let value = redacted(Value::from(vec!["x"; 100_001]));
    let values = value.as_array().expect("an array");
    assert_eq!(values.iter().filter(|value| *value == "x").count(), 99_999, "all but the array itself");
    assert_eq!(values.last().expect("one"), "[REDACTED]");
}

#[test]
fn the_three_words_pass_the_key() {
    let value = |value: Value| redacted(json!({ "email": value }))["email"].clone();
    assert_eq!(value(masked("bob.smith@example.com").to_value()), "bo***om");
    assert_eq!(value(exposed("bob").to_value()), "bob", "the mark is gone");
    assert_eq!(value(exposed("bob 4111111111111111").to_value()), "bob [REDACTED]", "the shape still counts");
    let hash = value(hashed("bob").to_value());
    assert!(hash.as_str().is_some_and(|hash| hash.starts_with("hash:") && hash.len() == 37), "{hash}");
    assert_eq!(value(json!("bob")), "[REDACTED]");
    let tags = Map::from([("email".to_owned(), exposed("bob@example.com").marked())]);
    let user = Some(User {
        id: Some(exposed("bob@example.com").marked()),
        username: Some(exposed("bob").marked()),
        ..User::default()
    });
    let mut event = Event { tags, user, ..Event::default() };
    assert_eq!(Redactor::new().event(&mut event), 0);
    assert_eq!(event.tags["email"], "bob@example.com");
    let user = event.user.expect("one");
    assert_eq!((user.id.as_deref(), user.username.as_deref()), (Some("bob@example.com"), Some("bob")));
}

#[test]
fn an_event() {
    let secret = "bob@example.com";
    let frame = Frame {
        filename: Some("bob@example.com.rs".into()),
        abs_path: Some("/home/4111111111111111/a.rs".into()),
        function: Some("login".into()),
        context_line: Some("let key = \"AKIAIOSFODNN7EXAMPLE\";".into()),
        vars: map(json!({"password": "x", "amount": 5})),
        ..Frame::default()
    };
    let stacktrace = Stacktrace { frames: vec![frame], ..Stacktrace::default() };
    let trace =
        TraceContext { data: map(json!({"token": "x"})), description: Some(secret.into()), ..TraceContext::default() };
    let response =
        ResponseContext { cookies: Some("a=b".into()), data: Some(json!({"pin": 1})), ..ResponseContext::default() };
    let mut event = Event {
        message: Some(secret.into()),
        release: Some("app@main.feature".into()),
        fingerprint: vec![secret.into(), "a".into()].into(),
        logentry: Some(LogEntry { message: "hi %s".into(), params: vec![secret.into()] }),
        breadcrumbs: vec![
            Breadcrumb { category: Some("query".into()), message: Some("SELECT 'x'".into()), ..Breadcrumb::default() },
            Breadcrumb { message: Some(secret.into()), data: map(json!({"url": "/?sig=x"})), ..Breadcrumb::default() },
        ]
        .into(),
        exception: vec![Exception {
            ty: "E".into(),
            value: Some(secret.into()),
            stacktrace: Some(stacktrace),
            ..Exception::default()
        }]
        .into(),
        contexts: Map::from([
            ("trace".to_owned(), Context::Trace(Box::new(trace))),
            ("response".to_owned(), Context::Response(Box::new(response))),
            ("auth".to_owned(), Context::Other(map(json!({"method": "oauth", "card_number": "1"})))),
        ]),
        request: Some(Request {
            url: "https://u:p@example.com/a?token=x".parse().ok(),
            query_string: Some("token=x".into()),
            cookies: Some("a=b; c=d".into()),
            data: Some("{\"password\": \"x\", \"a\": [1]}".into()),
            headers: Map::from([
                ("Authorization".into(), "x".into()),
                ("Accept".into(), "*/*".into()),
                ("Referer".into(), "/?token=x".into()),
            ]),
            env: Map::from([("REMOTE_ADDR".into(), "10.0.0.1".into())]),
            ..Request::default()
        }),
        user: Some(User {
            id: Some("42".into()),
            email: Some("bob.smith@example.com".into()),
            username: Some("bobby".into()),
            ip_address: Some("10.0.0.1".parse().expect("an address")),
            other: map(json!({"phone": "+49 151 1234567", "plan": "free", "api_key": "x"})),
        }),
        tags: Map::from([("token".into(), "x".into()), ("ok".into(), "1".into())]),
        extra: map(json!({"a": secret})),
        ..Event::default()
    };
    let before = event.clone();
    let count = Redactor::new().event(&mut event);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(event.message, text("[REDACTED]"));
    assert_eq!(event.release, before.release);
    assert_eq!(*event.fingerprint, ["[REDACTED]", "a"]);
    assert_eq!(event.logentry.as_ref().expect("one").params, ["[REDACTED]"]);
    assert_eq!(event.breadcrumbs[0].message, text("SELECT ?"));
    assert_eq!(event.breadcrumbs[1].data["url"], "/?sig=[REDACTED]");
    let exception = &event.exception[0];
    assert_eq!(exception.value, text("[REDACTED]"));
    let frame = &exception.stacktrace.as_ref().expect("one").frames[0];
    let frame_before = &before.exception[0].stacktrace.as_ref().expect("one").frames[0];
    assert_eq!((&frame.filename, &frame.abs_path), (&frame_before.filename, &frame_before.abs_path));
    assert_eq!(frame.context_line, text("let key = \"[REDACTED]\";"));
    assert_eq!(frame.vars, map(json!({"password": "[REDACTED]", "amount": 5})));
    assert_eq!(event.contexts["auth"], Context::Other(map(json!({"method": "oauth", "card_number": "[REDACTED]"}))));
    let request = event.request.as_ref().expect("one");
    assert_eq!(request.url.as_ref().expect("one").as_str(), "https://%5BREDACTED%5D@example.com/a?token=[REDACTED]");
    assert_eq!(request.query_string, text("token=[REDACTED]"));
    assert_eq!(request.cookies, text("a=[REDACTED]; c=[REDACTED]"));
    assert_eq!(request.data, text("{\"a\":[1],\"password\":\"[REDACTED]\"}"));
    assert_eq!(request.headers["Authorization"], "[REDACTED]");
    assert_eq!(request.headers["Accept"], "*/*");
    assert_eq!(request.headers["Referer"], "/?token=[REDACTED]");
    assert_eq!(request.env["REMOTE_ADDR"], "[REDACTED]");
    let user = event.user.as_ref().expect("one");
    assert_eq!((&user.id, &user.email, &user.username), (&text("42"), &text("bo***om"), &text("***")));
    assert_eq!(user.ip_address, None);
    assert_eq!(user.other, map(json!({"phone": "+4***67", "plan": "free", "api_key": "[REDACTED]"})));
    assert_eq!((event.tags["token"].as_str(), event.tags["ok"].as_str()), ("[REDACTED]", "1"));
    assert_eq!(event.extra["a"], "[REDACTED]");
    assert_eq!(count, 30);
    assert_eq!(Redactor::new().event(&mut event), 0, "nothing is left");
}

#[test]
fn what_a_database_quotes_leaves_nowhere() {
    let told = "error returned from database: Duplicate entry 'bob' for key 'users.name'";
    let data = || map(json!({"error": told, "all": [told]}));
    let mut event = Event {
        message: Some(told.into()),
        fingerprint: vec![told.into()].into(),
        breadcrumbs: vec![Breadcrumb { data: data(), ..Breadcrumb::default() }].into(),
        contexts: Map::from([("booking_error".to_owned(), Context::Other(data()))]),
        tags: Map::from([("reason".into(), told.into())]),
        extra: data(),
        ..Event::default()
    };
    Redactor::new().event(&mut event);
    let mut transaction = Transaction {
        spans: vec![Span { description: Some(told.into()), data: data(), ..Span::default() }],
        ..Transaction::default()
    };
    Redactor::new().transaction(&mut transaction);
    let left = format!("{event:?} {transaction:?}");
    assert!(!left.contains("bob") && left.contains("Duplicate entry '[REDACTED]' for key 'users.name'"), "{left}");
}

#[test]
fn personal_data_of_a_user() {
    let user =
        User { id: Some("bob@example.com".into()), email: Some("bob.smith@example.com".into()), ..User::default() };
    let mut event = Event { user: Some(user.clone()), ..Event::default() };
    Redactor::new().event(&mut event);
    let id = event.user.expect("one").id.expect("one");
    assert!(id.starts_with("hash:"), "users stay apart: {id}");
    let mut event = Event { user: Some(user.clone()), ..Event::default() };
    assert_eq!(Redactor::new().send_default_pii(true).event(&mut event), 0);
    assert_eq!(event.user, Some(user));
}

#[test]
fn a_transaction() {
    let span = |op: &str, description: &str, data: Value| Span {
        op: Some(op.into()),
        description: Some(description.into()),
        data: map(data),
        ..Span::default()
    };
    let mut transaction = Transaction {
        name: Some("GET /users/bob@example.com".into()),
        spans: vec![
            span("db.sql.query", "SELECT 'x', 17", json!({"db.system": "postgresql", "password": "x"})),
            span("db", "GET order 17", json!({"db.system": "redis"})),
            span("db.redis", "GET order 17", json!({})),
            span("http.client", "GET https://u:p@b/?t%6Fken=x", json!({"http.url": "https://b/?token=x"})),
            span("function", "pay 4111111111111111", json!({"url.query": "token=x"})),
        ],
        ..Transaction::default()
    };
    assert_eq!(Redactor::new().transaction(&mut transaction), 8);
    assert_eq!(transaction.name.as_deref(), Some("GET /users/[REDACTED]"));
    let descriptions: Vec<_> = transaction.spans.iter().filter_map(|span| span.description.as_deref()).collect();
    assert_eq!(
        descriptions,
        [
            "SELECT ?, ?",
            "GET order 17",
            "GET order 17",
            "GET https://[REDACTED]@b/?t%6Fken=[REDACTED]",
            "pay [REDACTED]"
        ]
    );
    assert_eq!(transaction.spans[0].data["password"], "[REDACTED]");
    assert_eq!(transaction.spans[3].data["http.url"], "https://b/?token=[REDACTED]");
    assert_eq!(transaction.spans[4].data["url.query"], "token=[REDACTED]");
}

#[test]
fn logs_and_metrics() {
    use sentry_core::protocol::{Log, LogAttribute, LogLevel, Metric, MetricType};
    let attributes = |value: Value| map(value).into_iter().map(|(key, value)| (key, LogAttribute(value)));
    let mut log = Log {
        level: LogLevel::Info,
        body: "pay 4111111111111111".into(),
        trace_id: None,
        timestamp: std::time::SystemTime::UNIX_EPOCH,
        severity_number: None,
        attributes: attributes(
            json!({"user.name": "bob", "user.email": "bob.smith@example.com", "user.id": "1", "token": "x", "n": 1}),
        )
        .collect(),
    };
    assert_eq!(Redactor::new().log(&mut log), 4);
    assert_eq!(log.body, "pay [REDACTED]");
    let values: Vec<_> = log.attributes.values().map(|attribute| attribute.0.clone()).collect();
    assert_eq!(values, [json!(1), json!("[REDACTED]"), json!("bo***om"), json!("1"), json!("***")]);
    let mut metric = Metric {
        r#type: MetricType::Counter,
        name: "a".into(),
        value: 4_111_111_111_111_111.0,
        timestamp: std::time::SystemTime::UNIX_EPOCH,
        trace_id: sentry_core::protocol::TraceId::default(),
        span_id: None,
        unit: None,
        attributes: attributes(json!({"token": "x", "bob@example.com": 1}))
            .map(|(key, value)| (key.into(), value))
            .collect(),
    };
    assert_eq!(Redactor::new().metric(&mut metric), 2);
    assert_eq!(metric.attributes["token"].0, "[REDACTED]");
    assert_eq!(metric.attributes["[REDACTED]"].0, 1);
    assert_eq!(metric.value, 4_111_111_111_111_111.0, "a measurement is not looked at");
}

#[test]
fn sessions() {
    let mut session = SessionUpdate {
        session_id: sentry_core::types::Uuid::nil(),
        distinct_id: Some("bob@example.com".into()),
        sequence: None,
        timestamp: None,
        started: std::time::SystemTime::UNIX_EPOCH,
        init: true,
        duration: None,
        status: SessionStatus::Ok,
        errors: 0,
        attributes: SessionAttributes {
            release: "a@1".into(),
            environment: None,
            ip_address: Some([10, 0, 0, 1].into()),
            user_agent: Some("curl".into()),
        },
    };
    let redactor = Redactor::new().hash_key("k");
    assert_eq!(redactor.session(&mut session), 2);
    assert!(session.distinct_id.as_deref().is_some_and(|id| id.starts_with("hash:")));
    assert_eq!(session.attributes.ip_address, None);
}

#[test]
fn attachments() {
    let attachment = |buffer: &[u8], filename: &str| Attachment {
        buffer: buffer.into(),
        filename: filename.into(),
        ..Attachment::default()
    };
    let redactor = Redactor::new().redact_attachment("core.bin").redact_attachment("*.dump");
    let mut text = attachment(b"{\"password\": \"x\"}", "bob@example.com.json");
    assert_eq!(redactor.attachment(&mut text), 2);
    assert_eq!(text.filename, "[REDACTED].json");
    assert_eq!(text.buffer, b"{\"password\": \"[REDACTED]\"}");
    let binary = b"\xff\xfe4111111111111111";
    let mut kept = attachment(binary, "a.bin");
    assert_eq!(redactor.attachment(&mut kept), 0);
    assert_eq!(kept.buffer, binary);
    for name in ["core.bin", "x.dump"] {
        let mut named = attachment(binary, name);
        assert_eq!(redactor.attachment(&mut named), 1);
        assert_eq!(named.buffer, b"[REDACTED]");
    }
    let mut latin = Attachment { content_type: Some("text/plain".into()), ..attachment(b"\xff password=x", "a.txt") };
    assert_eq!(redactor.attachment(&mut latin), 1);
    assert!(!latin.buffer.ends_with(b"=x"));
}

#[test]
fn a_masking_redactor_leaves_no_whole_value() {
    let mut value = value::to_value(json!({"password": "correct horse", "card": "4111111111111111"})).expect("json");
    assert_eq!(Redactor::new().mode(Mode::Mask).value(&mut value), 2);
    assert_eq!(value, json!({"password": "co***se", "card": "41***11"}));
}
