//! What the service logs: lines with their traces, breadcrumbs, and no error twice.

use super::{day, expected, run};

/// Lines that say this.
fn lines(body: &str) -> usize {
    run().report.logs.iter().filter(|log| log.body == body).count()
}

#[test]
fn each_line_is_in_the_trace_of_what_it_is_about() {
    let tokens = day().filter(|request| {
        request["expect"] == 401
            && request["headers"]["authorization"].as_str().is_some_and(|h| h.starts_with("Bearer "))
    });
    assert_eq!(lines("login refused"), tokens.count());
    assert!(lines("slow provider") > 0 && lines("mail put off") > 0);
    for log in &run().report.logs {
        let trace = run().report.traces.iter().find(|trace| Some(&trace.trace_id) == log.trace_id.as_ref());
        let trace = trace.unwrap_or_else(|| panic!("in no trace: {log:?}"));
        let has = |name: &str| trace.rows.iter().any(|row| row.name == name);
        assert!(log.body != "mail put off" || has("send_email_notification"), "{log:?}");
        assert!(log.body != "no payment" || has("payment_processing"), "{log:?}");
    }
}

#[test]
fn what_is_captured_and_logged_is_one_event_with_the_lines_before_it() {
    let failed = [502, 504].map(|status| expected("POST", "/api/v1/appointments", status)).iter().sum::<usize>();
    assert_eq!(lines("no payment"), failed);
    let payments = run().report.errors.iter().filter(|group| group.category.as_deref() == Some("payment"));
    let by = |kind: &str| payments.clone().filter(|group| group.kind == kind).map(|group| group.count).sum::<usize>();
    assert_eq!(by("PaymentError::Provider"), failed);
    let said = |text: &str| run().report.logs.iter().any(|log| log.body == text);
    let events: Vec<_> = run().report.errors.iter().filter(|group| said(&group.value)).collect();
    assert!(events.is_empty(), "lines became events: {events:?}");
    let timed_out = payments.clone().find(|group| group.causes.iter().any(|cause| cause.contains("Timeout"))).unwrap();
    let crumb = timed_out.breadcrumbs.iter().find(|crumb| crumb.message.as_deref() == Some("slow provider"));
    let crumb = crumb.unwrap_or_else(|| panic!("{:?}", timed_out.breadcrumbs));
    assert_eq!(crumb.data["provider"], "barberpay");
}
