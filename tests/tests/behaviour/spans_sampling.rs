//! Which traces are recorded, and what their decision does elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sentry_core::ClientOptions;
use watchpost::testing::{capture, capture_with, options};
use watchpost::{TraceHeaders, monitor_performance, transaction};

const TRACE: &str = "771a43a4192642f0b136d5159a501700";

#[monitor_performance]
fn root() {
    child();
}
#[monitor_performance]
fn child() {}

#[test]
fn a_rate_is_the_share_of_roots() {
    let sent = capture_with(options().traces_sample_rate(0.5), || (0..1000).for_each(|_| root()));
    // Six standard deviations to each side.
    assert!((400..=600).contains(&sent.transactions.len()), "{}", sent.transactions.len());
    assert_eq!(sent.spans.len(), 2 * sent.transactions.len());
}

#[test]
fn a_sampler_is_asked_once_a_root_before_anything_is_recorded() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    let options = options().traces_sampler(move |transaction| {
        count.fetch_add(1, Ordering::Relaxed);
        if transaction.name() == "root" && transaction.operation() == "function" { 1.0 } else { 0.0 }
    });
    let sent = capture_with(options, || {
        root();
        child();
        transaction("task", "other").run(root);
    });
    assert_eq!(sent.tree(), "root\n  child\n");
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

fn incoming(decision: &str) -> TraceHeaders {
    TraceHeaders::from_pairs([
        ("sentry-trace", format!("{TRACE}-7c51afd529da4a2a{decision}")),
        ("baggage", format!("other=1,sentry-trace_id={TRACE},sentry-release=shop%401.2.3")),
    ])
}

fn continued(options: ClientOptions, decision: &str) -> (usize, TraceHeaders) {
    let mut outgoing = TraceHeaders::default();
    let sent = capture_with(options, || {
        transaction("http.server", "GET /").continuing_headers(&incoming(decision)).run(|| {
            root();
            outgoing = TraceHeaders::current();
        });
    });
    for span in &sent.spans {
        assert_eq!(span.trace.to_string(), TRACE);
    }
    (sent.spans.len(), outgoing)
}

#[test]
fn an_incoming_decision_is_honoured_and_passed_on() {
    for (rate, decision, spans) in [(0.0, "-1", 3), (1.0, "-0", 0), (1.0, "", 3), (0.0, "", 0)] {
        let (recorded, outgoing) = continued(options().traces_sample_rate(rate), decision);
        assert_eq!(recorded, spans, "{rate} {decision}");
        let header = |name: &str| outgoing.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
        let end = if spans > 0 { "-1" } else { "-0" };
        let sentry_trace = header("sentry-trace").unwrap();
        assert!(sentry_trace.starts_with(TRACE) && sentry_trace.ends_with(end), "{sentry_trace}");
        let flags = if spans > 0 { "-01" } else { "-00" };
        assert!(header("traceparent").unwrap().ends_with(flags));
        let baggage = header("baggage").unwrap();
        assert!(baggage.contains("other=1") && baggage.contains("sentry-release=shop%401.2.3"), "{baggage}");
    }
}

#[test]
fn a_root_that_is_not_sampled_tells_others_so() {
    let mut headers = TraceHeaders::default();
    #[monitor_performance]
    fn tells(headers: &mut TraceHeaders) {
        *headers = TraceHeaders::current();
    }
    let sent = capture_with(options().traces_sample_rate(0.0), || transaction("task", "a").run(|| tells(&mut headers)));
    assert!(sent.envelopes.is_empty());
    let pairs: Vec<_> = headers.iter().collect();
    assert!(pairs.iter().any(|(name, value)| *name == "sentry-trace" && value.ends_with("-0")), "{pairs:?}");
    assert!(
        pairs.iter().any(|(name, value)| *name == "baggage" && value.contains("sentry-sampled=false")),
        "{pairs:?}"
    );
    // And of one that is.
    let sent = capture(|| transaction("task", "a").run(|| tells(&mut headers)));
    let parent = headers.parent().unwrap();
    assert_eq!((parent.sampled, parent.span_id), (Some(true), sent.span("tells").unwrap().id));
}
