//! Messages, errors, secrets, users.

use std::io::ErrorKind;

use watchpost::{Level, SentryUser, capture_error, capture_message};

use super::{Part, TestFailure};
use crate::test::expect::{absent, count, some};

pub(super) fn basic() -> Part {
    fn run() {
        capture_message("watchpost test: a message", Level::Info);
        let error = TestFailure::because("watchpost test: an error with its cause", ErrorKind::TimedOut);
        capture_error(&error).level(Level::Warning).send();
    }
    Part {
        run,
        expected: vec![
            count("a message and an error", "event", 2),
            some("the message has its level", "event", |event| event["level"] == "info"),
            some("the error has its type and its cause", "event", |event| {
                let chain = event["exception"]["values"].as_array();
                chain.is_some_and(|chain| {
                    chain.len() == 2 && chain.last().is_some_and(|last| last["type"] == "TestFailure")
                })
            }),
        ],
        look_for: "the message `watchpost test: a message`, and `TestFailure` with its cause",
    }
}

/// Nothing of this may leave.
const SECRETS: &[&str] = &[
    "4111 1111 1111 1111",
    "4111111111111111",
    "hunter2",
    "DE89370400440532013000",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg",
    "AKIAIOSFODNN7EXAMPLE",
    "ada@example.com",
    "078-05-1120",
];

pub(super) fn redaction() -> Part {
    fn run() {
        watchpost::set_tag("note", "call ada@example.com");
        watchpost::add_context((
            "checkout",
            [("password", "hunter2"), ("remark", "card 4111 1111 1111 1111"), ("account", "DE89370400440532013000")],
        ));
        watchpost::transaction("test", "watchpost test: redaction").run(|| {
            let url = "GET https://user:hunter2@api.example.com/?token=hunter2&card=4111111111111111";
            watchpost::span("http.client", url).field("session_token", "hunter2").run(|| {
                let text = "watchpost test: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg, \
                    key AKIAIOSFODNN7EXAMPLE, password=hunter2, SSN 078-05-1120";
                capture_message(text, Level::Info);
            });
        });
    }
    Part {
        run,
        expected: vec![
            count("the event arrives", "event", 1),
            count("the transaction arrives", "transaction", 1),
            absent("no planted secret leaves: card, IBAN, password, token, provider's key, e-mail, SSN", SECRETS),
            some("what was taken out is marked", "event", |event| event.to_string().contains("[REDACTED]")),
        ],
        look_for: "`[REDACTED]` in the message, in the context `checkout` and in the span's description",
    }
}

#[derive(Debug, SentryUser)]
struct TestUser {
    #[user(id)]
    id: &'static str,
    #[user(email)]
    email: &'static str,
    #[user(tag)]
    role: &'static str,
}

pub(super) fn user(pii: bool) -> Part {
    fn run() {
        watchpost::set_user(&TestUser { id: "watchpost-test", email: "grace@example.com", role: "tester" });
        capture_message("watchpost test: an event with a user", Level::Info);
    }
    let email = if pii {
        some("the e-mail address leaves, as SENTRY_SEND_DEFAULT_PII says", "event", |event| {
            event["user"]["email"] == "grace@example.com"
        })
    } else {
        absent("the e-mail address does not leave", &["grace@example.com"])
    };
    Part {
        run,
        expected: vec![
            count("the event arrives", "event", 1),
            some("it has the user's id", "event", |event| event["user"]["id"] == "watchpost-test"),
            some("the role is a tag", "event", |event| event["tags"]["user.role"] == "tester"),
            email,
        ],
        look_for: "the user `watchpost-test` on the event",
    }
}
