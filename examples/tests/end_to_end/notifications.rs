//! E-mails and text messages: what became of each, and who carried it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{above, find, run};

#[test]
fn messages_are_told_by_provider_with_what_became_of_them() {
    let by: BTreeMap<_, _> = run().report.deliveries.iter().map(|one| (one.provider.as_str(), one)).collect();
    let (mail, sms) = (by["sendmail"], by["textit"]);
    assert_eq!((&*mail.channel, &*sms.channel), ("email", "sms"));
    for outcome in ["sent", "bounced", "refused"] {
        assert!(mail.outcomes[outcome] > 0, "{mail:?}");
    }
    assert!(mail.bounces["permanent"] > 0 && mail.bounces["transient"] > 0, "{mail:?}");
    assert!(sms.outcomes["sent"] > 0 && sms.outcomes["refused"] > 0, "{sms:?}");
    let is_call = |op: &str, end: &str| {
        let (op, end) = (op.to_owned(), end.to_owned());
        find(&run().report.traces, move |trace, row| trace.rows[row].op == op && trace.rows[row].name.ends_with(&end))
    };
    let (trace, call) = is_call("http.client", "/2010-04-01/Messages");
    assert_eq!(above(trace, call)[..2], ["sms textit", "send_sms_notification"]);
    let (trace, mail) = is_call("notification.send", "email sendmail");
    assert_eq!(above(trace, mail)[0], "send_email_notification");
}

/// The servers answer by the recipient's domain, and the domain is all that is told of a recipient.
#[test]
fn a_mail_is_told_by_what_its_server_answered() {
    let mut seen = BTreeMap::new();
    for span in run().spans("notification.send").filter(|span| span["data"]["notification.channel"] == "email") {
        assert_eq!(span["origin"], "auto.notification.lettre");
        let mail = &span["data"];
        let Some([Value::String(domain)]) = mail["notification.recipient_domains"].as_array().map(Vec::as_slice) else {
            panic!("{mail}")
        };
        let is = |outcome: &str, bounce: Option<&str>, code: Option<&str>| {
            assert_eq!(mail["notification.outcome"], outcome, "{mail}");
            assert_eq!(
                (&mail["notification.bounce"], &mail["notification.response_code"]),
                (&json!(bounce), &json!(code))
            );
        };
        match domain.as_str() {
            "bounce.example" => is("bounced", Some("permanent"), Some("550")),
            "full.example" => is("bounced", Some("permanent"), Some("552")),
            "greylist.example" if mail["notification.outcome"] == "bounced" => {
                is("bounced", Some("transient"), Some("451"));
            }
            "down.example" => is("refused", None, None),
            _ => is("sent", None, None),
        }
        assert_eq!(mail["notification.provider"], "sendmail");
        assert_eq!(mail["notification.recipients"], 1);
        assert!(mail["notification.size"].as_u64().is_some_and(|bytes| bytes > 100), "{mail}");
        let outcome = mail["notification.outcome"].as_str().unwrap_or_default();
        *seen.entry((domain.as_str(), outcome)).or_insert(0) += 1;
    }
    for (domain, outcome) in [
        ("bounce.example", "bounced"),
        ("full.example", "bounced"),
        ("greylist.example", "bounced"),
        ("greylist.example", "sent"),
        ("down.example", "refused"),
        ("post.example", "sent"),
    ] {
        assert!(seen.contains_key(&(domain, outcome)), "{domain} {outcome} among {seen:?}");
    }
}
