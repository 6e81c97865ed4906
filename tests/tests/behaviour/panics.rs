//! Panics become events.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sentry_core::Level;
use sentry_core::protocol::{Context, SpanStatus};
use watchpost::testing::{capture, capture_with, options};
use watchpost::{capture_errors, monitor_performance, monitored_task};

#[monitor_performance]
#[capture_errors(category = "payment", tags(provider = "stripe"), args(amount))]
fn charge(amount: u32) -> Result<u32, String> {
    assert!(amount < 100, "too much: {amount}");
    Ok(amount)
}

fn caught(f: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(f)).is_err());
}

#[test]
fn a_panic_says_what_and_where_below_which_functions() {
    let sent = capture(|| caught(|| drop(charge(500))));
    assert_eq!(sent.events.len(), 1, "{:#?}", sent.events);
    let event = &sent.events[0];
    let exception = event.exception.values.last().unwrap();
    assert_eq!((exception.ty.as_str(), exception.value.as_deref()), ("panic", Some("too much: 500")));
    assert_eq!(event.level, Level::Fatal);
    let mechanism = exception.mechanism.as_ref().unwrap();
    assert_eq!((mechanism.ty.as_str(), mechanism.handled), ("panic", Some(false)));
    assert_eq!((&*event.tags["error.category"], &*event.tags["provider"]), ("panic", "stripe"));
    let frames = &exception.stacktrace.as_ref().unwrap().frames;
    assert_eq!((frames[0].function.as_deref(), &frames[0].vars["amount"]), (Some("charge"), &500.into()));
    assert_eq!(frames.last().unwrap().filename.as_deref(), Some("tests/tests/behaviour/panics.rs"));
    let Some(Context::Other(place)) = event.contexts.get("panic") else { panic!("no place: {event:?}") };
    assert!(place["place"].as_str().unwrap().contains("panics.rs:"), "{place:?}");
    let span = sent.span("charge").unwrap();
    assert_eq!(span.status, Some(SpanStatus::InternalError));
    let Some(Context::Trace(trace)) = event.contexts.get("trace") else { panic!("no trace: {event:?}") };
    assert_eq!((trace.trace_id, trace.span_id), (span.trace, span.id));
}

#[test]
fn a_real_stack_ends_where_the_panic_began() {
    let sent = capture_with(options().attach_stacktrace(true), || caught(|| drop(charge(500))));
    let exception = sent.events[0].exception.values.last().unwrap();
    let last = exception.stacktrace.as_ref().unwrap().frames.last().unwrap();
    assert_eq!((last.function.as_deref(), last.in_app), (Some("charge"), Some(true)));
}

#[test]
fn in_a_task_it_is_the_task_s_failure_and_one_event() {
    #[monitored_task]
    fn task() -> Result<(), String> {
        charge(500).map(drop)
    }
    let sent = capture(|| caught(|| drop(task())));
    assert_eq!(sent.events.len(), 1);
    assert_eq!(sent.span("task").unwrap().status, Some(SpanStatus::InternalError));
}

#[test]
fn a_processor_that_panics_at_a_panic_harms_nothing() {
    let sent = capture(|| {
        sentry_core::configure_scope(|scope| {
            scope.add_event_processor(|_| panic!("the processor"));
        });
        caught(|| panic!("the program"));
    });
    assert!(sent.events.is_empty(), "{:?}", sent.events);
}

#[test]
fn outside_of_annotated_functions_a_panic_still_has_its_place() {
    let sent = capture(|| caught(|| panic!("plain")));
    let exception = sent.events[0].exception.values.last().unwrap();
    let frames = &exception.stacktrace.as_ref().unwrap().frames;
    assert_eq!(frames.len(), 1);
    assert!(frames[0].lineno.is_some());
}
