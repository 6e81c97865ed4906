//! One error is one event, however many annotated functions it passes; and another error is another.

use std::error::Error;

use sentry_core::Level;
use watchpost::capture::already_reported;
use watchpost::testing::{Captured, capture, capture_async};
use watchpost::{capture_error, capture_errors, monitor_performance, monitored_task, span};

#[derive(Debug, thiserror::Error)]
#[error("connection {0} refused")]
struct Refused(u32);
#[derive(Debug, thiserror::Error)]
#[error("query")]
struct Query(#[from] Refused);
#[derive(Debug, thiserror::Error)]
enum Repository {
    #[error("repository")]
    Query(#[source] Box<dyn Error + Send + Sync>),
}
#[derive(Debug, thiserror::Error)]
#[error("service unavailable")]
struct Service;
#[derive(Debug, thiserror::Error)]
#[error("refused")]
struct Other;

fn types(sent: &Captured) -> Vec<&str> {
    sent.events.iter().map(|event| event.exception.values.last().map_or("", |one| one.ty.as_str())).collect()
}

fn functions(sent: &Captured, event: usize) -> Vec<&str> {
    let exception = sent.events[event].exception.values.last().unwrap();
    let frames = &exception.stacktrace.as_ref().unwrap().frames;
    frames.iter().filter_map(|frame| frame.function.as_deref()).collect()
}

#[capture_errors(category = "net", tags(level = "one"))]
fn connect() -> Result<(), Refused> {
    Err(Refused(4711))
}
#[capture_errors(tags(level = "two", two = 2))]
fn query() -> Result<(), Query> {
    connect()?;
    Ok(())
}
#[monitor_performance]
#[capture_errors(tags(level = "three", three = 3))]
fn repository() -> Result<(), Repository> {
    query().map_err(|err| Repository::Query(err.into()))
}
/// Drops the source.
#[capture_errors(level = "warning", tags(four = 4))]
fn service() -> Result<(), Service> {
    repository().map_err(|_| Service)
}
#[capture_errors(tags(five = 5))]
fn handler() -> Result<(), anyhow::Error> {
    Ok(service()?)
}

#[test]
fn five_levels_with_conversions_are_one_event_with_what_all_of_them_say() {
    let sent = capture(|| {
        let err = handler().unwrap_err();
        assert!(already_reported(&*err), "a log line of the caller's");
    });
    assert_eq!(types(&sent), ["Refused"]);
    assert_eq!(functions(&sent, 0), ["handler", "service", "repository", "query", "connect"]);
    let event = &sent.events[0];
    let tags = ["error.category", "level", "two", "three", "four", "five"].map(|tag| event.tags[tag].as_str());
    assert_eq!(tags, ["net", "one", "2", "3", "4", "5"]);
    assert_eq!(event.level, Level::Warning, "the innermost that says a level");
}

#[test]
fn through_a_task_it_is_one_event() {
    #[monitored_task("nightly")]
    fn task() -> Result<(), Service> {
        service()
    }
    #[capture_errors]
    fn worker() -> Result<(), anyhow::Error> {
        task()?;
        Ok(())
    }
    let sent = capture(|| drop(worker()));
    assert_eq!(types(&sent), ["Refused"]);
    assert_eq!(functions(&sent, 0), ["task", "service", "repository", "query", "connect"]);
}

#[test]
fn through_asynchronous_functions_it_is_one_event() {
    #[capture_errors(category = "net", tags(inner = 1))]
    async fn connect() -> Result<(), Refused> {
        tokio::task::yield_now().await;
        Err(Refused(1))
    }
    #[capture_errors(tags(outer = 2))]
    async fn query() -> Result<(), Query> {
        tokio::task::yield_now().await;
        connect().await?;
        Ok(())
    }
    #[monitored_task]
    async fn task() -> Result<(), Query> {
        query().await
    }
    #[capture_errors]
    async fn around() -> Result<(), anyhow::Error> {
        task().await.map_err(anyhow::Error::new)
    }
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let sent = capture_async(async {
            let _ = around().await;
        })
        .await;
        assert_eq!(types(&sent), ["Refused"]);
        assert_eq!(functions(&sent, 0), ["task", "query", "connect"]);
        assert_eq!((&*sent.events[0].tags["inner"], &*sent.events[0].tags["outer"]), ("1", "2"));
    });
}

#[test]
fn a_span_that_is_built_by_hand_handles_nothing() {
    #[capture_errors]
    fn outer() -> Result<(), Refused> {
        span("db", "connect").run(connect)
    }
    let sent = capture(|| drop(outer()));
    assert_eq!(types(&sent), ["Refused"]);
}

#[test]
fn a_function_that_only_monitors_hands_the_error_on() {
    #[monitor_performance]
    fn between() -> Result<(), Refused> {
        connect()
    }
    #[capture_errors]
    fn outer() -> Result<(), Query> {
        between()?;
        Ok(())
    }
    let sent = capture(|| drop(outer()));
    assert_eq!(types(&sent), ["Refused"]);
}

#[test]
fn two_errors_are_two_events() {
    #[capture_errors]
    fn one(number: u32) -> Result<(), Refused> {
        Err(Refused(number))
    }
    #[capture_errors]
    fn both() -> Result<(), Other> {
        let _ = one(1);
        let _ = one(2);
        Ok(())
    }
    let sent = capture(|| drop(both()));
    assert_eq!(types(&sent), ["Refused", "Refused"]);
}

#[test]
fn another_error_after_one_that_was_handled_is_reported() {
    #[capture_errors]
    fn falls_back() -> Result<(), Other> {
        if connect().is_err() {
            fine()?;
            return Err(Other);
        }
        Ok(())
    }
    #[capture_errors]
    fn fine() -> Result<(), Other> {
        Ok(())
    }
    let sent = capture(|| drop(falls_back()));
    assert_eq!(types(&sent), ["Refused", "Other"]);
}

#[test]
fn retried_and_failing_again_is_again_an_event_and_the_last_one_passes_on() {
    #[capture_errors]
    fn retries() -> Result<(), Refused> {
        connect().or_else(|_| connect()).or_else(|_| connect())
    }
    let sent = capture(|| drop(retries()));
    assert_eq!(types(&sent), ["Refused"; 3]);
}

#[test]
fn an_error_that_one_function_handled_does_not_silence_a_later_one_of_the_same_text() {
    #[capture_errors]
    fn handles() -> Result<(), Refused> {
        let _ = connect();
        Ok(())
    }
    #[capture_errors]
    fn outer() -> Result<(), Refused> {
        handles()?;
        Err(Refused(4711))
    }
    let sent = capture(|| drop(outer()));
    assert_eq!(functions(&sent, 1), ["outer"]);
    assert_eq!(types(&sent), ["Refused"; 2]);
}

#[test]
fn two_boxes_with_one_text_are_told_apart_by_their_place() {
    fn boxed() -> Box<dyn Error> {
        Box::new(Refused(7))
    }
    #[capture_errors]
    fn first() -> Result<(), Box<dyn Error>> {
        Err(boxed())
    }
    #[capture_errors]
    fn outer() -> Result<(), Box<dyn Error>> {
        let kept = first();
        let other = boxed();
        drop(kept);
        Err(other)
    }
    let sent = capture(|| drop(outer()));
    assert_eq!(types(&sent), ["Refused"; 2]);
}

#[test]
fn a_text_made_of_a_text_is_one_error() {
    #[capture_errors]
    fn inner() -> Result<(), String> {
        Err("connection refused".into())
    }
    #[capture_errors]
    fn outer() -> Result<(), String> {
        inner().map_err(|err| format!("charging: {err}"))
    }
    let sent = capture(|| drop(outer()));
    assert_eq!(types(&sent), ["String"]);
}

#[test]
fn reporting_by_hand_counts() {
    #[capture_errors]
    fn reports() -> Result<(), Refused> {
        let err = Refused(3);
        let first = capture_error(&err).category("hand").send();
        assert!(first.is_some());
        assert_eq!(capture_error(&err).send(), first, "the same event");
        Err(err)
    }
    let sent = capture(|| {
        let err = reports().unwrap_err();
        assert!(capture_error(&err).send().is_some(), "what an annotated function has just reported");
    });
    assert_eq!(types(&sent), ["Refused"]);
    assert_eq!(sent.events[0].tags["error.category"], "hand");
    let sent = capture(|| {
        let err = Refused(5);
        capture_error(&err).send();
        capture_error(&err).send();
    });
    assert_eq!(types(&sent), ["Refused"; 2], "outside of any call nothing tells one time from the next");
}

#[test]
fn nothing_is_known_of_an_error_that_nobody_reported() {
    #[capture_errors]
    fn quiet() -> Result<(), Refused> {
        assert!(!already_reported(&Refused(9)));
        assert!(connect().is_err_and(|err| already_reported(&err)));
        assert!(!already_reported(&Refused(9)));
        Ok(())
    }
    capture(|| drop(quiet()));
}
