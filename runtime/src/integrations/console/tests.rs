//! What is printed, down to the character.

use std::time::{Duration, SystemTime};

use sentry_core::protocol::{
    Breadcrumb, Context, EnvelopeItem, Event, Exception, Frame, ItemContainer, Log, LogLevel, Metric, MetricType,
    MonitorCheckIn, MonitorCheckInStatus, Span, SpanStatus, Stacktrace, TraceContext, Transaction, User,
};
use sentry_core::{Envelope, Level};
use serde_json::{Value, json};

use super::{Style, render};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn at(millis: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(43_384_000 + millis)
}

fn object<M: FromIterator<(String, Value)>>(value: &Value) -> M {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn span(id: &str, parent: &str, op: &str, name: &str, times: (u64, u64), status: SpanStatus, data: &Value) -> Span {
    Span {
        span_id: id.parse().unwrap(),
        trace_id: TRACE.parse().unwrap(),
        parent_span_id: parent.parse().ok(),
        op: Some(op.into()),
        description: Some(name.into()),
        start_timestamp: at(times.0),
        timestamp: Some(at(times.1)),
        status: Some(status),
        data: object(data),
        ..Span::default()
    }
}

fn transaction() -> Transaction<'static> {
    let (root, charge) = ("00000000000000a1", "00000000000000a2");
    let trace = TraceContext {
        trace_id: TRACE.parse().unwrap(),
        span_id: root.parse().unwrap(),
        op: Some("http.server".into()),
        status: Some(SpanStatus::FailedPrecondition),
        data: object(&json!({"user_id": 7, "code.function": "create_booking"})),
        ..TraceContext::default()
    };
    let declined = SpanStatus::FailedPrecondition;
    let none = json!({});
    Transaction {
        name: Some("POST /appointments".into()),
        start_timestamp: at(0),
        timestamp: Some(at(200)),
        contexts: [("trace".to_owned(), Context::from(trace))].into(),
        tags: [("plan".to_owned(), "gold".to_owned())].into(),
        spans: vec![
            span("00000000000000a4", root, "queue.publish", "notifications", (150, 160), SpanStatus::Ok, &none),
            span(
                "00000000000000a3",
                charge,
                "http.client",
                "POST http://pay/v1/charges",
                (60, 110),
                SpanStatus::Ok,
                &none,
            ),
            span(
                charge,
                root,
                "function",
                "charge_payment",
                (40, 120),
                declined,
                &json!({"amount": 3500, "note": "a b"}),
            ),
            span(
                "00000000000000a5",
                "00000000000000ff",
                "db.query",
                "SELECT \u{1b}[2J ?",
                (5, 35),
                SpanStatus::Ok,
                &json!({"slow": true}),
            ),
        ],
        ..Transaction::default()
    }
}

fn error() -> Event<'static> {
    let frame = |function: &str, line, in_app, vars: Value| Frame {
        function: Some(function.into()),
        module: Some("shop::payment".into()),
        filename: Some("src/payment.rs".into()),
        lineno: Some(line),
        in_app: Some(in_app),
        vars: object(&vars),
        ..Frame::default()
    };
    let frames = vec![
        frame("shop::payment::checkout", 20, true, json!({})),
        frame("poll", 7, false, json!({})),
        frame("charge", 42, true, json!({"amount": 3500, "currency": "EUR"})),
    ];
    let trace = TraceContext { trace_id: TRACE.parse().unwrap(), ..TraceContext::default() };
    Event {
        level: Level::Warning,
        timestamp: at(100),
        transaction: Some("POST /appointments".into()),
        exception: vec![
            Exception { ty: "GatewayError".into(), value: Some("insufficient_funds".into()), ..Exception::default() },
            Exception {
                ty: "PaymentError::Declined".into(),
                value: Some("card [REDACTED] was declined".into()),
                stacktrace: Some(Stacktrace { frames, ..Stacktrace::default() }),
                ..Exception::default()
            },
        ]
        .into(),
        tags: [("error.category".to_owned(), "payment".to_owned()), ("provider".to_owned(), "stripe".to_owned())]
            .into(),
        contexts: [
            ("trace".to_owned(), Context::from(trace)),
            ("payment".to_owned(), Context::Other(object(&json!({"currency": "EUR", "email": "ja***@example.com"})))),
        ]
        .into(),
        user: Some(User { id: Some("7".into()), ..User::default() }),
        breadcrumbs: (0..7)
            .map(|step| Breadcrumb {
                timestamp: at(step * 1000),
                category: Some("http".into()),
                message: Some(format!("step {step}")),
                data: object(&json!({"status": 200})),
                ..Breadcrumb::default()
            })
            .collect::<Vec<_>>()
            .into(),
        ..Event::default()
    }
}

fn check_in(status: MonitorCheckInStatus, duration: Option<f64>) -> MonitorCheckIn {
    MonitorCheckIn {
        check_in_id: sentry_core::types::Uuid::nil(),
        monitor_slug: "nightly_reminders".into(),
        status,
        environment: None,
        duration,
        monitor_config: None,
    }
}

fn metric(kind: MetricType, name: &'static str, value: f64) -> Metric {
    Metric {
        r#type: kind,
        name: name.into(),
        value,
        timestamp: at(0),
        trace_id: TRACE.parse().unwrap(),
        span_id: None,
        unit: (kind == MetricType::Distribution).then(|| "millisecond".into()),
        attributes: Default::default(),
    }
}

fn everything() -> Envelope {
    let log = Log {
        level: LogLevel::Warn,
        body: "the calendar answers slowly".into(),
        trace_id: TRACE.parse().ok(),
        timestamp: at(0),
        severity_number: None,
        attributes: [("calendar".to_owned(), "cal-1".into()), ("sentry.environment".to_owned(), "development".into())]
            .into(),
    };
    let metrics = vec![
        metric(MetricType::Counter, "booking.created", 1.0),
        metric(MetricType::Distribution, "function.duration", 12.3456),
        metric(MetricType::Counter, "booking.created", 2.0),
        metric(MetricType::Distribution, "function.duration", 80.0),
        metric(MetricType::Gauge, "pool.idle", 3.0),
    ];
    [
        EnvelopeItem::from(transaction()),
        EnvelopeItem::from(error()),
        EnvelopeItem::MonitorCheckIn(check_in(MonitorCheckInStatus::InProgress, None)),
        EnvelopeItem::MonitorCheckIn(check_in(MonitorCheckInStatus::Error, Some(0.25))),
        EnvelopeItem::ItemContainer(ItemContainer::Logs(vec![log])),
        EnvelopeItem::ItemContainer(ItemContainer::Metrics(metrics)),
    ]
    .into_iter()
    .fold(Envelope::new(), |mut envelope, item| {
        envelope.add_item(item);
        envelope
    })
}

const EXPECTED: &str = include_str!("expected.txt");

#[test]
fn everything_is_laid_out_to_the_character() {
    let text = render(&everything(), Style::PLAIN);
    if std::env::var_os("BLESS").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/integrations/console/expected.txt");
        std::fs::write(file, &text).unwrap();
        return;
    }
    assert_eq!(text, EXPECTED, "run with BLESS=1 to accept");
}

#[test]
fn lines_are_never_wider_than_asked_and_hold_no_control_character() {
    for width in [60, 100, 160] {
        let text = render(&everything(), Style::PLAIN.width(width));
        for line in text.lines() {
            assert!(line.chars().count() <= width && !line.ends_with(' '), "{width}: {line:?}");
            assert!(!line.contains(char::is_control), "{line:?}");
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let mut text = render(&everything(), Style::COLOR);
    assert!(text.contains("\u{1b}[31m"));
    while let Some(start) = text.find('\u{1b}') {
        let end = start + text[start..].find('m').unwrap();
        text.replace_range(start..=end, "");
    }
    assert_eq!(text, render(&everything(), Style::PLAIN));
}

#[test]
fn ids_that_make_a_circle_and_a_thousand_spans_come_to_an_end() {
    let one = |id: &str, parent: &str| span(id, parent, "function", "round", (0, 1), SpanStatus::Ok, &json!({}));
    let mut circle = transaction();
    circle.spans = vec![one("00000000000000b1", "00000000000000b2"), one("00000000000000b2", "00000000000000b1")];
    assert_eq!(render(&Envelope::from(circle), Style::PLAIN).lines().count(), 3);
    let mut long = transaction();
    long.spans = (1..=1000).map(|id| one(&format!("{id:016x}"), "00000000000000a1")).collect();
    let text = render(&Envelope::from(long), Style::PLAIN);
    assert!(text.ends_with("  and 960 more\n") && text.lines().count() == 44, "{text}");
}

#[test]
fn what_nobody_looks_for_prints_nothing() {
    assert_eq!(render(&Envelope::new(), Style::PLAIN), "");
}
