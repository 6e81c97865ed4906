//! Events that we make ourselves of no error: whoever reads one is led to the function that it is about.

use std::sync::Arc;
use std::time::Duration;

use sentry_core::{Client, Hub};
use serde_json::Value;
use watchpost::testing::{Captured, capture, capture_with};
use watchpost::{Config, Level, capture_errors, capture_message, monitor_performance};
use watchpost_tests::server::Server;

/// What arrives at a server of the events that `f` leads to, with the machine's stack attached.
fn arrived(configure: impl FnOnce(Config) -> Config, f: impl FnOnce()) -> Vec<Value> {
    let server = Server::start();
    let config = Config::from_vars([("SENTRY_DSN", server.dsn())]).unwrap().traces_sample_rate(1.0);
    let client = Arc::new(Client::with_options(configure(config).client_options()));
    Hub::run(Arc::new(Hub::new(Some(Arc::clone(&client)), Arc::default())), f);
    assert!(client.flush(Some(Duration::from_secs(30))));
    server.items("event")
}

/// The innermost frame that the reader sees, by function and module, and the one that called it.
fn innermost(event: &Value) -> [(String, String); 2] {
    let thread = &event["threads"]["values"][0];
    assert_eq!(thread["current"], true, "{event:#}");
    let frames = thread["stacktrace"]["frames"].as_array().unwrap();
    let text = |frame: &Value, key: &str| frame[key].as_str().unwrap_or_default().to_owned();
    [1, 2].map(|from_end| {
        let frame = &frames[frames.len() - from_end];
        assert_eq!(frame["in_app"], true, "{frames:#?}");
        (text(frame, "function"), text(frame, "module"))
    })
}

fn here(function: &str) -> (String, String) {
    (function.to_owned(), module_path!().to_owned())
}

#[test]
fn a_slow_function_is_where_its_event_points_to() {
    #[monitor_performance("slow by the wire", slow = "1ms")]
    fn drags() {
        std::thread::sleep(Duration::from_millis(2));
    }
    #[monitor_performance]
    fn calls() {
        drags();
    }
    let events = arrived(|config| config, calls);
    assert_eq!(events[0]["message"], "Slow operation: slow by the wire");
    assert_eq!(innermost(&events[0]), [here("drags"), here("calls")]);
}

#[test]
fn a_function_that_blocks_the_executor_is_where_its_event_points_to() {
    #[monitor_performance]
    async fn hogs() {
        std::thread::sleep(Duration::from_millis(5));
    }
    #[monitor_performance]
    async fn awaits() {
        hogs().await;
    }
    let events = arrived(
        |config| config.blocked_executor_threshold(Duration::from_millis(2)),
        || tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(awaits()),
    );
    assert_eq!(events[0]["message"], "hogs blocked the executor");
    assert_eq!(innermost(&events[0]), [here("hogs"), here("awaits")]);
}

#[test]
fn a_message_and_whatever_the_sdk_captures_point_to_the_annotated_function_around_them() {
    #[monitor_performance]
    fn says() {
        capture_message("the price list is old", Level::Warning);
        sentry_core::capture_message("so is the other", Level::Warning);
    }
    #[monitor_performance]
    fn calls() {
        says();
    }
    for event in arrived(|config| config, calls) {
        assert_eq!(innermost(&event), [here("says"), here("calls")], "{event:#}");
    }
}

#[test]
fn the_storm_guards_own_events_point_nowhere() {
    #[capture_errors]
    fn fails() -> Result<(), std::fmt::Error> {
        Err(std::fmt::Error)
    }
    // The summary is captured at the end, on this thread and below this call.
    #[monitor_performance]
    fn somebody_elses() -> Captured {
        let config = Config::from_vars::<&str, &str>([]).unwrap().storm_limit(1);
        capture_with(config.client_options(), || (0..3).for_each(|_| drop(fails())))
    }
    let mut sent = None;
    capture(|| sent = Some(somebody_elses()));
    let events = sent.unwrap().events;
    let summary = events.last().unwrap();
    assert_eq!(summary.message.as_deref(), Some("2 more events of fmt::Error within a minute were not sent"));
    assert_eq!((summary.threads.len(), summary.transaction.as_deref()), (0, None), "{summary:#?}");
}
