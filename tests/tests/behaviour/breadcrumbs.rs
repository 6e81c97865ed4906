//! What annotated functions leave for the events to come.

use std::time::Duration;

use sentry_core::protocol::Event;
use sentry_core::{Breadcrumb, Level};
use watchpost::testing::{capture, capture_with, options};
use watchpost::{capture_errors, monitor_performance};

fn messages<'a>(event: &'a Event<'_>) -> Vec<&'a str> {
    event.breadcrumbs.iter().filter_map(|crumb| crumb.message.as_deref()).collect()
}

#[derive(Debug, thiserror::Error)]
#[error("number {0}")]
struct Failed(u32);

#[capture_errors]
fn fails(number: u32) -> Result<(), Failed> {
    Err(Failed(number))
}

#[test]
fn failed_functions_stand_among_the_program_s_own_breadcrumbs() {
    #[capture_errors(late, fields(rows = 3))]
    fn outer() -> Result<(), Failed> {
        let _ = fails(1);
        sentry_core::add_breadcrumb(Breadcrumb { message: Some("own".into()), ..Breadcrumb::default() });
        fails(2)
    }
    #[monitor_performance]
    fn root() {
        let _ = outer();
        sentry_core::capture_message("foreign", Level::Info);
    }
    let sent = capture(root);
    let all: Vec<_> = sent.events.iter().map(messages).collect();
    assert_eq!(
        all,
        [
            vec![],
            vec!["fails failed: Failed", "own"],
            vec!["fails failed: Failed", "own", "fails failed: Failed", "outer failed: Failed"],
        ]
    );
    let late = sent.events[2].breadcrumbs.values.last().unwrap();
    assert_eq!(late.data["rows"], 3, "what the outer function says too late for the event");
    let sent = capture(|| {
        root();
        sentry_core::capture_message("next", Level::Info);
    });
    assert_eq!(messages(sent.events.last().unwrap()), ["own"], "ours end with their root");
}

#[test]
fn slow_functions_leave_one() {
    #[monitor_performance("nap", slow = "1ms")]
    fn nap() {
        std::thread::sleep(Duration::from_millis(2));
    }
    #[monitor_performance]
    fn root() {
        nap();
        sentry_core::capture_message("after", Level::Info);
    }
    let sent = capture(root);
    assert_eq!(messages(sent.events.last().unwrap()), ["nap was slow"]);
}

#[test]
fn ours_are_capped_and_push_none_of_the_program_s_out() {
    #[monitor_performance]
    fn root() {
        for number in 0..7 {
            let message = Some(format!("own {number}"));
            sentry_core::add_breadcrumb(Breadcrumb { message, ..Breadcrumb::default() });
            let _ = fails(number);
        }
        sentry_core::capture_message("after", Level::Info);
    }
    let count = |max: usize, start: &str| {
        let sent = capture_with(options().max_breadcrumbs(max), root);
        messages(sent.events.last().unwrap()).iter().filter(|message| message.starts_with(start)).count()
    };
    assert_eq!((count(8, "own"), count(8, "fails")), (7, 1));
    assert_eq!((count(100, "own"), count(100, "fails")), (7, 7));
    assert_eq!((count(10, "own"), count(10, "fails")), (7, 3));
    assert_eq!((count(0, "own"), count(0, "fails")), (0, 0));
}
