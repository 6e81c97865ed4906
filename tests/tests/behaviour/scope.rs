//! The verbs: what is said on a scope is on its events, and on no others.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use sentry_core::{Hub, Level, capture_message};
use serde_json::{Value, json};
use watchpost::{
    ScopeExt as _, SentryContext, SentryUser, ToValue, add_context, monitor_performance, set_tag, set_user, with_scope,
};

/// The message, user, tags and contexts of each event.
fn captured(f: impl FnOnce()) -> Vec<Value> {
    let events = sentry_core::test::with_captured_events(f);
    let json = |event| {
        let event = serde_json::to_value(event).expect("JSON");
        let mut contexts = event["contexts"].as_object().cloned().unwrap_or_default();
        contexts.retain(|_, context| context["type"] == "unknown");
        json!([
            event["logentry"]["message"].as_str().or(event["message"].as_str()),
            event["user"],
            event["tags"],
            contexts
        ])
    };
    events.into_iter().map(json).collect()
}

fn say(message: &str) {
    capture_message(message, Level::Info);
}

#[derive(SentryUser)]
struct UserId(#[user(id)] u64);

#[test]
fn with_scope_ends() {
    let events = captured(|| {
        set_tag("outer", 1);
        let result = with_scope(|| {
            set_tag("payment_method", "stripe");
            set_user(&UserId(17));
            add_context(("payment", [("id", 3)]));
            say("inside");
            "the result"
        });
        assert_eq!(result, "the result");
        say("after");
    });
    assert_eq!(
        events,
        [
            json!(["inside", { "id": "17" }, { "outer": "1", "payment_method": "stripe" }, { "payment": { "type": "unknown", "id": 3 } }]),
            json!(["after", null, { "outer": "1" }, {}]),
        ]
    );
}

#[test]
fn with_scope_ends_when_the_function_panics() {
    let events = captured(|| {
        let result = std::panic::catch_unwind(|| {
            with_scope(|| {
                set_tag("payment_method", "stripe");
                panic!("on purpose");
            })
        });
        assert!(result.is_err());
        say("after");
    });
    assert_eq!(events[0][2], json!(null));
}

#[test]
fn a_future_s_scope_is_its_own_at_every_poll() {
    let events = captured(|| {
        let job = |tag: &'static str| async move {
            set_tag("job", tag);
            say(tag);
            Yield::default().await;
            say(tag);
        };
        let mut jobs = [Box::pin(job("one").with_scope()), Box::pin(job("two").with_scope())];
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..2 {
            for job in &mut jobs {
                let _ = job.as_mut().poll(&mut context);
                say("between");
            }
        }
    });
    let tags: Vec<_> =
        events.iter().map(|event| (event[0].as_str(), event[2].get("job").and_then(Value::as_str))).collect();
    let round =
        [(Some("one"), Some("one")), (Some("between"), None), (Some("two"), Some("two")), (Some("between"), None)];
    assert_eq!(tags, [round, round].concat());
}

#[test]
fn a_future_forks_at_its_first_poll_and_moves_between_threads() {
    let events = captured(|| {
        let future = async {
            say("first");
            Yield::default().await;
            say("second");
        }
        .with_scope();
        set_tag("set", "before the first poll");
        let mut future = Box::pin(future);
        let _ = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        set_tag("set", "after the first poll");
        // Another thread has another hub, but the future keeps its own.
        let polled = std::thread::spawn(move || future.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        assert!(polled.join().expect("no panic").is_ready());
    });
    assert_eq!(events[0][2], json!({ "set": "before the first poll" }));
    assert_eq!(events[1], json!(["second", null, { "set": "before the first poll" }, {}]));
}

#[test]
fn a_dropped_future_s_values_go_in_its_scope() {
    struct OnDrop;
    impl Drop for OnDrop {
        fn drop(&mut self) {
            say("dropped");
        }
    }
    let events = captured(|| {
        let mut future = Box::pin(
            async {
                let _guard = OnDrop;
                set_tag("job", "cancelled");
                std::future::pending::<()>().await;
            }
            .with_scope(),
        );
        let _ = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        drop(future);
        say("after");
    });
    assert_eq!(events, [json!(["dropped", null, { "job": "cancelled" }, {}]), json!(["after", null, null, {}])]);
}

#[test]
fn without_a_client_nothing_is_evaluated() {
    static EVALUATED: AtomicBool = AtomicBool::new(false);
    struct Tell;
    impl ToValue for Tell {
        fn to_value(&self) -> Value {
            EVALUATED.store(true, Ordering::Relaxed);
            Value::Null
        }
    }
    impl std::fmt::Display for Tell {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            EVALUATED.store(true, Ordering::Relaxed);
            Ok(())
        }
    }
    #[derive(SentryContext)]
    struct Told {
        value: Tell,
    }
    #[derive(SentryUser)]
    struct User(#[user(id)] Tell);

    let hub = std::sync::Arc::new(Hub::new(None, std::sync::Arc::default()));
    Hub::run(hub, || {
        add_context(&Told { value: Tell });
        add_context(("told", [("value", Tell)]));
        set_user(&User(Tell));
        set_tag("value", Tell);
        assert_eq!(with_scope(|| 1), 1);
        let future = std::pin::pin!(async { 2 }.with_scope());
        assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(2));
    });
    assert!(!EVALUATED.load(Ordering::Relaxed));
}

#[test]
fn what_sentry_would_not_take_is_cut_and_never_panics() {
    let events = captured(|| {
        set_tag("", "no key");
        set_tag("emptied", "full");
        set_tag("emptied", "");
        set_tag("bad key\n", "two\nlines");
        set_tag(&"k".repeat(300), "v".repeat(300));
        add_context(("", [("lost", 1)]));
        add_context(("trace", [("type", "mine")]));
        add_context(("my booking", [("", 1), ("ok", 2)]));
        say("all the same");
    });
    let long = format!("{}…", "v".repeat(199));
    assert_eq!(events[0][2], json!({ "bad_key_": "two lines", "k".repeat(200): long }));
    assert_eq!(
        events[0][3],
        json!({ "trace_": { "type": "unknown", "type_": "mine" }, "my_booking": { "type": "unknown", "ok": 2 } })
    );
}

#[test]
fn a_value_that_captures_while_it_is_told_does_no_harm() {
    struct Chatty;
    impl std::fmt::Display for Chatty {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            say("from inside");
            set_tag("inner", 1);
            f.write_str("chatty")
        }
    }
    let events = captured(|| {
        set_tag("outer", Chatty);
        say("after");
    });
    assert_eq!(events[1][2], json!({ "inner": "1", "outer": "chatty" }));
}

/// Runs `f` on a thread of its own whose own hub has the client, as in a program that called `init`: errors alone are asked for.
fn errors_only(f: impl FnOnce() + Send + 'static) -> Vec<Value> {
    let transport = sentry_core::test::TestTransport::new();
    let sent = transport.clone();
    let thread = std::thread::spawn(move || {
        let mut options = sentry_core::ClientOptions::new().add_integration(watchpost::Instrumentation::new());
        options.dsn = "https://public@sentry.invalid/1".parse().ok();
        options.transport = Some(std::sync::Arc::new(transport));
        Hub::current().bind_client(Some(std::sync::Arc::new(sentry_core::Client::with_options(options))));
        f();
    });
    thread.join().expect("no panic");
    let events = sent.fetch_and_clear_events();
    events.iter().map(|event| json!([event.message, event.user.as_ref().map(|user| &user.id), event.tags])).collect()
}

#[monitor_performance]
async fn job(user: u64) {
    set_user(&UserId(user));
    set_tag("job", user);
    Yield::default().await;
    with_scope(|| {
        set_tag("inside", true);
        say("inside");
    });
    Yield::default().await;
    say("job");
}

#[test]
fn annotated_futures_of_one_thread_do_not_see_each_other() {
    let events = errors_only(|| {
        let mut jobs = [Box::pin(job(1)), Box::pin(job(2))];
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..3 {
            for job in &mut jobs {
                let _ = job.as_mut().poll(&mut context);
            }
        }
        say("after");
    });
    let told = |message, job: &str, inside: bool| {
        let tags = if inside { json!({ "job": job, "inside": "true" }) } else { json!({ "job": job }) };
        json!([message, job, tags])
    };
    assert_eq!(
        events,
        [
            told("inside", "1", true),
            told("inside", "2", true),
            told("job", "1", false),
            told("job", "2", false),
            json!(["after", null, {}])
        ]
    );
}

#[monitor_performance]
async fn first_write_within_a_scope() {
    with_scope(|| set_tag("inside", true));
    say("after the scope");
    async {
        set_tag("future", true);
        Yield::default().await;
        say("in the future");
    }
    .with_scope()
    .await;
    say("after the future");
}

#[test]
fn a_scope_within_an_annotated_future_ends_too() {
    let events = errors_only(|| {
        let mut future = Box::pin(first_write_within_a_scope());
        let mut context = Context::from_waker(Waker::noop());
        while future.as_mut().poll(&mut context).is_pending() {}
        say("outside");
    });
    assert_eq!(
        events,
        [
            json!(["after the scope", null, {}]),
            json!(["in the future", null, { "future": "true" }]),
            json!(["after the future", null, {}]),
            json!(["outside", null, {}]),
        ]
    );
}

#[monitor_performance]
async fn inner_of_a_scoped_future() {
    set_tag("job", "inner");
    Yield::default().await;
    say("inner");
}

#[test]
fn an_annotated_future_within_a_scoped_one_writes_to_its_scope() {
    let events = errors_only(|| {
        let scoped = async {
            inner_of_a_scoped_future().await;
            say("after");
        }
        .with_scope();
        let mut future = Box::pin(scoped);
        let mut context = Context::from_waker(Waker::noop());
        while future.as_mut().poll(&mut context).is_pending() {}
        say("outside");
    });
    assert_eq!(events[0], json!(["inner", null, { "job": "inner" }]));
    assert_eq!(events[2], json!(["outside", null, {}]));
}

/// Pending once.
#[derive(Default)]
struct Yield(bool);
impl Future for Yield {
    type Output = ();
    fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
