//! E-mail by lettre, over a small SMTP server that takes mail, refuses it for good or for now, or says nothing.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, SmtpTransport, Tokio1Executor, Transport};
use sentry_core::protocol::Metric;
use watchpost::lettre::MonitoredTransport;
use watchpost::notification::{Bounce, Outcome};
use watchpost::testing::{Captured, CapturedSpan, capture, capture_async};
use watchpost::{SpanStatus, capture_errors, delivery, transaction};
use watchpost_integration_tests::conventions;

/// Answers `RCPT TO` with a line; never, where there is none.
fn server(answer: Option<&'static str>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(&stream, answer));
        }
    });
    address
}

fn serve(stream: &TcpStream, answer: Option<&str>) -> Option<()> {
    let mut out = stream;
    let mut say = |line: &str| out.write_all(format!("{line}\r\n").as_bytes()).ok();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    say("220 test")?;
    let mut in_data = false;
    while let Some(line) = lines.next() {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            _ if in_data => {
                if line == "." {
                    in_data = false;
                    say("250 taken")?;
                }
            }
            "RCPT" => match answer {
                Some(answer) => say(answer)?,
                // Until the client goes away.
                None => return lines.next().map(|_| ()),
            },
            "DATA" => {
                in_data = true;
                say("354 go on")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 fine")?,
        }
    }
    Some(())
}

fn mail(address: SocketAddr) -> MonitoredTransport<AsyncSmtpTransport<Tokio1Executor>> {
    let smtp = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string()).port(address.port());
    MonitoredTransport::new(smtp.build()).provider("postmark")
}

fn envelope() -> Envelope {
    let to = |address: &str| address.parse::<Address>().expect("an address");
    let recipients = vec![to("bob@corp.example"), to("eve@CORP.example"), to("alice@home.example")];
    Envelope::new(Some(to("shop@shop.example")), recipients).expect("recipients")
}

const BODY: &[u8] = b"Subject: Your appointment\r\n\r\nconfidential";

async fn below_a_root(future: impl Future<Output = ()>) -> Captured {
    let sent = capture_async(transaction("test", "root").instrument(future)).await;
    conventions::check(&sent);
    sent
}

fn the_span(sent: &Captured) -> &CapturedSpan {
    let spans = sent.children(sent.span("root").expect("it was recorded"));
    assert_eq!(spans.len(), 1, "{spans:?}");
    spans[0]
}

fn field<'a>(span: &'a CapturedSpan, key: &str) -> Option<&'a str> {
    span.data.get(key).and_then(serde_json::Value::as_str)
}

fn named<'a>(sent: &'a Captured, name: &str) -> Vec<&'a Metric> {
    sent.metrics.iter().filter(|metric| metric.name == name).collect()
}

#[tokio::test]
async fn sent() {
    let mail = mail(server(Some("250 fine")));
    let sent = below_a_root(async { assert!(mail.send_raw(&envelope(), BODY).await.is_ok()) }).await;
    let span = the_span(&sent);
    assert_eq!((span.op.as_str(), span.name.as_str()), ("notification.send", "email postmark"));
    assert_eq!((span.status, field(span, "notification.outcome")), (Some(SpanStatus::Ok), Some("sent")));
    assert_eq!(field(span, "sentry.origin"), Some("auto.notification.lettre"));
    assert_eq!(span.data["notification.recipients"], 3);
    assert_eq!(span.data["notification.recipient_domains"], serde_json::json!(["corp.example", "home.example"]));
    assert_eq!(span.data["notification.size"], BODY.len());
    let [count] = named(&sent, "notification.sent")[..] else { panic!("{:?}", sent.metrics) };
    assert_eq!(count.attributes.get("provider"), Some(&"postmark".into()));
    assert_eq!(named(&sent, "notification.duration").len(), 1);
    let all = format!("{:?}", sent.envelopes);
    for private in ["bob", "alice", "shop@", "appointment", "confidential"] {
        assert!(!all.contains(private), "{private} leaves: {all}");
    }
}

#[tokio::test]
async fn bounced_for_good_and_for_now() {
    for (answer, bounce, code, status) in [
        ("550 no such user <bob@corp.example>", "permanent", "550", SpanStatus::FailedPrecondition),
        ("450 mailbox busy", "transient", "450", SpanStatus::Unavailable),
    ] {
        let mail = mail(server(Some(answer)));
        let sent = below_a_root(async { assert!(mail.send_raw(&envelope(), BODY).await.is_err()) }).await;
        let span = the_span(&sent);
        assert_eq!(field(span, "notification.outcome"), Some("bounced"), "{answer}");
        assert_eq!(field(span, "notification.bounce"), Some(bounce));
        assert_eq!(field(span, "notification.response_code"), Some(code));
        assert_eq!(span.status, Some(status));
        assert_eq!(named(&sent, "notification.bounced").len(), 1);
        assert!(sent.events.is_empty(), "nobody was asked to report");
        assert!(!format!("{:?}", sent.envelopes).contains("bob"));
    }
}

#[tokio::test]
async fn refused_and_cancelled() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mail_to_nobody = mail(closed);
    let sent = below_a_root(async { assert!(mail_to_nobody.send_raw(&envelope(), BODY).await.is_err()) }).await;
    let span = the_span(&sent);
    assert_eq!((span.status, field(span, "notification.outcome")), (Some(SpanStatus::Unavailable), Some("refused")));

    let hangs = mail(server(None));
    let sent = below_a_root(async {
        let mail = envelope();
        let sending = hangs.send_raw(&mail, BODY);
        assert!(tokio::time::timeout(Duration::from_millis(30), sending).await.is_err());
    })
    .await;
    let span = the_span(&sent);
    assert_eq!((span.status, field(span, "notification.outcome")), (Some(SpanStatus::Cancelled), Some("cancelled")));
    assert_eq!(named(&sent, "notification.cancelled").len(), 1);
}

#[test]
fn a_blocking_transport() {
    for (answer, outcome) in [("250 fine", "sent"), ("550 no", "bounced")] {
        let address = server(Some(answer));
        let smtp = SmtpTransport::builder_dangerous(address.ip().to_string()).port(address.port()).build();
        let mail = MonitoredTransport::new(smtp);
        let sent = capture(|| transaction("test", "root").run(|| drop(mail.send_raw(&envelope(), BODY))));
        let span = the_span(&sent);
        assert_eq!((span.name.as_str(), field(span, "notification.outcome")), ("email smtp", Some(outcome)));
    }
}

/// The asynchronous transport has no limit but that of the connection: there a limit is a dropped future.
#[test]
fn a_server_that_says_nothing() {
    let address = server(None);
    let smtp = SmtpTransport::builder_dangerous(address.ip().to_string()).port(address.port());
    let mail = MonitoredTransport::new(smtp.timeout(Some(Duration::from_millis(100))).build());
    let sent = capture(|| transaction("test", "root").run(|| drop(mail.send_raw(&envelope(), BODY))));
    let span = the_span(&sent);
    let told = (span.status, field(span, "notification.outcome"));
    assert_eq!(told, (Some(SpanStatus::DeadlineExceeded), Some("refused")));
}

#[capture_errors(category = "notification")]
async fn confirm(mail: &MonitoredTransport<AsyncSmtpTransport<Tokio1Executor>>) -> Result<(), smtp::Error> {
    mail.send_raw(&envelope(), BODY).await?;
    Ok(())
}

#[tokio::test]
async fn an_error_is_reported_once_by_whoever_is_to() {
    let mail = mail(server(Some("550 no such user")));
    let sent = below_a_root(async { assert!(confirm(&mail).await.is_err()) }).await;
    let [event] = &sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!(event.tags["error.category"], "notification");
    let crumb = "email by postmark bounced";
    assert!(event.breadcrumbs.iter().any(|it| it.message.as_deref() == Some(crumb)), "{:?}", event.breadcrumbs);
}

#[tokio::test]
async fn any_other_channel() {
    let sent = below_a_root(async {
        let text = delivery("sms", "twilio").template("reminder").recipient_domain("+491701234567");
        let gone: Result<(), u16> =
            text.instrument_as(async { Err(410) }, |_| Outcome::Bounced(Bounce::Permanent)).await;
        assert_eq!(gone, Err(410));
        let pushed: Result<u8, ()> = delivery("push", "apns").run(|| Ok(1));
        assert_eq!(pushed, Ok(1));
        let refused: Result<(), ()> = delivery("sms", "vonage").instrument(async { Err(()) }).await;
        assert_eq!(refused, Err(()));
    })
    .await;
    let told = |name: &str| {
        let span = sent.span(name).unwrap();
        (span.status, field(span, "notification.outcome"), field(span, "sentry.origin"))
    };
    let manual = Some("manual");
    assert_eq!(told("sms twilio"), (Some(SpanStatus::FailedPrecondition), Some("bounced"), manual));
    assert_eq!(told("push apns"), (Some(SpanStatus::Ok), Some("sent"), manual));
    assert_eq!(told("sms vonage"), (Some(SpanStatus::InternalError), Some("refused"), manual));
    let text = sent.span("sms twilio").unwrap();
    assert_eq!(text.data["notification.template"], "reminder");
    assert_eq!(text.data.get("notification.recipient_domains"), None, "a number is no domain");
}
