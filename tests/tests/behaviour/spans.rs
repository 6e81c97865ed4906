//! Spans of synchronous functions: the tree, the outcome, what they carry.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sentry_core::protocol::SpanStatus;
use watchpost::testing::{capture, capture_with, options};
use watchpost::{InCurrentSpanFn as _, current_span, monitor_performance, monitored_task, span, transaction};

#[monitor_performance]
fn outer() {
    inner(2);
    named();
}
#[monitor_performance]
fn inner(depth: u32) {
    if depth > 0 {
        inner(depth - 1);
    }
}
#[monitor_performance("a name", op = "business.op", fields(rows = 3, kind = "x"))]
fn named() {}

#[monitor_performance]
fn fails(well: bool) -> Result<u32, String> {
    if well { Ok(1) } else { Err("no".to_owned()) }
}

#[test]
fn calls_become_a_tree() {
    let sent = capture(outer);
    assert_eq!(sent.transactions.len(), 1);
    assert_eq!(sent.tree(), "outer\n  a name\n  inner\n    inner\n      inner\n");
    let named = sent.span("a name").unwrap();
    assert_eq!(named.op, "business.op");
    assert_eq!(named.data["rows"], 3);
    assert_eq!(named.data["kind"], "x");
    assert!(sent.spans.iter().all(|span| span.status == Some(SpanStatus::Ok)));
    assert!(sent.spans.iter().all(|span| span.trace == named.trace));
    let root = sent.span("outer").unwrap();
    assert!(root.is_root);
    for span in &sent.spans {
        assert!(span.start <= span.end.unwrap());
        assert!(span.start >= root.start && span.end <= root.end, "{} lies outside of its root", span.name);
    }
}

#[test]
fn nothing_is_sent_without_a_client_and_nothing_breaks() {
    outer();
    assert_eq!(fails(true), Ok(1));
}

#[test]
fn the_outcome_is_the_status() {
    let sent = capture(|| {
        let _ = fails(true);
        let _ = fails(false);
    });
    let statuses: Vec<_> = sent.spans.iter().map(|span| span.status).collect();
    assert_eq!(statuses, [Some(SpanStatus::Ok), Some(SpanStatus::InternalError)]);
}

#[monitor_performance]
fn panics() {
    panic!("on purpose");
}
#[monitor_performance]
fn catches() {
    let _ = catch_unwind(panics);
    inner(0);
}

#[test]
fn a_panic_ends_the_span_and_no_other() {
    let sent = capture(catches);
    assert_eq!(sent.tree(), "catches\n  inner\n  panics\n");
    assert_eq!(sent.span("panics").unwrap().status, Some(SpanStatus::InternalError));
    assert_eq!(sent.span("catches").unwrap().status, Some(SpanStatus::Ok));
    let sent = capture(|| {
        let _ = catch_unwind(panics);
    });
    assert_eq!(sent.span("panics").unwrap().status, Some(SpanStatus::InternalError));
}

struct CallsWhenDropped;
impl Drop for CallsWhenDropped {
    fn drop(&mut self) {
        let _ = fails(true);
    }
}
#[monitor_performance]
fn panics_with_a_guard() {
    let _guard = CallsWhenDropped;
    panic!("on purpose");
}

#[test]
fn a_call_made_while_unwinding_ends_by_its_own_outcome() {
    let sent = capture(|| {
        let _ = catch_unwind(panics_with_a_guard);
    });
    assert_eq!(sent.tree(), "panics_with_a_guard\n  fails\n");
    assert_eq!(sent.span("fails").unwrap().status, Some(SpanStatus::Ok));
    assert_eq!(sent.span("panics_with_a_guard").unwrap().status, Some(SpanStatus::InternalError));
}

#[monitor_performance(root)]
fn own_root() {
    inner(0);
}
#[monitor_performance]
fn calls_own_root() {
    own_root();
    inner(0);
}

#[test]
fn a_root_is_a_transaction_of_its_own_in_the_same_trace() {
    let sent = capture(calls_own_root);
    assert_eq!(sent.transactions.len(), 2);
    assert_eq!(sent.tree(), "calls_own_root\n  inner\n  own_root\n    inner\n");
    let (own, outer) = (sent.span("own_root").unwrap(), sent.span("calls_own_root").unwrap());
    assert!(own.is_root && own.trace == outer.trace && own.parent == Some(outer.id));
}

#[monitored_task("job")]
fn task() {
    sentry_core::configure_scope(|scope| scope.set_tag("inside", "yes"));
    inner(0);
}

#[test]
fn a_task_has_a_scope_of_its_own() {
    let sent = capture(|| {
        task();
        inner(1);
    });
    assert_eq!(sent.tree(), "inner\n  inner\njob\n  inner\n");
    let tags: Vec<_> = sent.transactions.iter().map(|transaction| transaction.tags.contains_key("inside")).collect();
    assert_eq!(tags, [true, false]);
}

#[monitor_performance]
fn sets_things() {
    current_span().set_field("late", "field");
    current_span().set_status(SpanStatus::Aborted);
    current_span().set_measurement("size", 12.5, "byte");
    sets_more();
}
#[monitor_performance]
fn sets_more() {
    current_span().set_field("n", 1);
    current_span().set_field("n", 2);
}

#[test]
fn the_current_span_can_be_spoken_to() {
    let sent = capture(sets_things);
    let root = sent.span("sets_things").unwrap();
    assert_eq!(root.data["late"], "field");
    assert_eq!(root.data["sentry.measurement.size"], serde_json::json!({"value": 12.5, "unit": "byte"}));
    assert_eq!(root.status, Some(SpanStatus::Aborted));
    assert_eq!(sent.span("sets_more").unwrap().data["n"], 2);
}

#[test]
fn builders_make_spans_where_no_annotation_fits() {
    let sent = capture(|| {
        transaction("http.server", "GET /users/{id}").source("route").field("a", 1).run(|| {
            let kept = span("db.query", String::from("select")).field("rows", 2).run(|| 7);
            assert_eq!(kept, 7);
            let failed: Result<(), ()> = span("x", "fails").run_result(|| Err(()));
            assert!(failed.is_err());
            inner(0);
        });
    });
    assert_eq!(sent.tree(), "GET /users/{id}\n  fails\n  inner\n  select\n");
    assert_eq!(sent.spans[0].data["sentry.source"], "route");
    assert_eq!(sent.span("fails").unwrap().status, Some(SpanStatus::InternalError));
    assert_eq!(sent.span("select").unwrap().op, "db.query");
}

#[monitor_performance]
fn spawns() {
    let work = (|| inner(1)).in_current_span();
    std::thread::spawn(work).join().unwrap();
    std::thread::spawn(|| inner(0)).join().unwrap();
}

#[test]
fn a_thread_is_below_the_span_that_was_carried_over_and_no_other_is() {
    let sent = capture(spawns);
    assert_eq!(sent.tree(), "spawns\n  inner\n    inner\n");
}

#[monitor_performance]
fn many() {
    for _ in 0..1500 {
        inner(0);
    }
}

#[test]
fn a_transaction_keeps_its_first_thousand_spans() {
    let sent = capture(many);
    let root = sent.span("many").unwrap();
    let mut children: Vec<_> = sent.children(root).into_iter().map(|span| span.start).collect();
    assert_eq!(children.len(), 1000);
    children.sort();
    assert!(children.last().unwrap() < &root.end.unwrap());
    assert_eq!(sent.spans.len(), 1001);
}

#[monitor_performance]
fn unsampled_root() -> String {
    inner(3);
    let header = sentry_core::Hub::current()
        .configure_scope(|scope| scope.iter_trace_propagation_headers().next().map(|(_, value)| value));
    header.unwrap_or_default()
}

#[test]
fn what_is_not_sampled_is_not_sent_but_its_decision_goes_on() {
    let mut header = String::new();
    let sent = capture_with(options().traces_sample_rate(0.0), || header = unsampled_root());
    assert!(sent.spans.is_empty());
    assert!(header.ends_with("-0"), "{header}");
}

#[monitor_performance("slow one", slow = "5ms", metric)]
fn slow(millis: u64) {
    std::thread::sleep(std::time::Duration::from_millis(millis));
}

#[test]
fn a_slow_call_is_told_once_a_minute_and_measured_each_time() {
    let sent = capture(|| {
        slow(0);
        slow(10);
        slow(10);
    });
    let messages: Vec<_> = sent.events.iter().map(|event| event.message.as_deref().unwrap()).collect();
    assert_eq!(messages, ["Slow operation: slow one"]);
    assert_eq!(sent.span_of(&sent.events[0]).unwrap().data["slow"], true);
    let slow: Vec<_> = sent.spans.iter().map(|span| span.data.contains_key("slow")).collect();
    assert_eq!(slow, [false, true, true]);
    let metrics: Vec<_> = sent.metrics.iter().filter(|metric| metric.name == "function.duration").collect();
    assert_eq!(metrics.len(), 3);
    assert!(metrics[1].value >= 10.0 && metrics[1].value < 10_000.0);
}

#[monitor_performance]
fn captures() {
    captures_below();
}
#[monitor_performance]
fn captures_below() {
    sentry_core::capture_message("hello", sentry_core::Level::Info);
}

#[test]
fn events_of_anyone_have_the_exact_span() {
    let sent = capture(captures);
    assert_eq!(sent.span_of(&sent.events[0]).unwrap().name, "captures_below");
}

#[test]
fn a_hook_that_panics_does_not_reach_the_function() {
    let sent = capture_with(options().traces_sampler(|_| panic!("on purpose")), || {
        let out = catch_unwind(AssertUnwindSafe(|| fails(true)));
        assert_eq!(out.unwrap(), Ok(1));
    });
    assert!(sent.spans.is_empty());
}
