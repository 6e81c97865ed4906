//! Our attributes beside those of others: each of ours above each of theirs, and below.

use async_trait::async_trait;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use watchpost::testing::{Captured, capture, capture_async};
use watchpost::{capture_errors, monitor_performance, monitored_task};

/// A function beside another's attribute, under each of ours: a module for each of the six.
macro_rules! beside {
    ([$($other:tt)*] $($item:tt)*) => {
        pub(super) mod monitor_above { use super::super::*; #[monitor_performance] #[$($other)*] $($item)* }
        pub(super) mod monitor_below { use super::super::*; #[$($other)*] #[monitor_performance] $($item)* }
        pub(super) mod capture_above { use super::super::*; #[capture_errors] #[$($other)*] $($item)* }
        pub(super) mod capture_below { use super::super::*; #[$($other)*] #[capture_errors] $($item)* }
        pub(super) mod task_above { use super::super::*; #[monitored_task] #[$($other)*] $($item)* }
        pub(super) mod task_below { use super::super::*; #[$($other)*] #[monitored_task] $($item)* }
    };
}

/// The six functions called, and what was sent of each call.
macro_rules! sent {
    ($table:ident::$function:ident($($given:tt)*)) => {
        [
            ("span", "monitor above", capture(|| drop($table::monitor_above::$function($($given)*)))),
            ("span", "monitor below", capture(|| drop($table::monitor_below::$function($($given)*)))),
            ("event", "capture above", capture(|| drop($table::capture_above::$function($($given)*)))),
            ("event", "capture below", capture(|| drop($table::capture_below::$function($($given)*)))),
            ("span and event", "task above", capture(|| drop($table::task_above::$function($($given)*)))),
            ("span and event", "task below", capture(|| drop($table::task_below::$function($($given)*)))),
        ]
    };
    ($table:ident::$function:ident($($given:tt)*).await) => {
        [
            ("span", "monitor above", capture_async(async { drop($table::monitor_above::$function($($given)*).await) }).await),
            ("span", "monitor below", capture_async(async { drop($table::monitor_below::$function($($given)*).await) }).await),
            ("event", "capture above", capture_async(async { drop($table::capture_above::$function($($given)*).await) }).await),
            ("event", "capture below", capture_async(async { drop($table::capture_below::$function($($given)*).await) }).await),
            ("span and event", "task above", capture_async(async { drop($table::task_above::$function($($given)*).await) }).await),
            ("span and event", "task below", capture_async(async { drop($table::task_below::$function($($given)*).await) }).await),
        ]
    };
}

/// Each of ours did its work, once, on a function that failed.
fn assert_watched(function: &str, sent: [(&str, &str, Captured); 6]) {
    for (expected, case, sent) in sent {
        let spans = sent.spans_named(function).count();
        let found = match (spans, sent.events.len()) {
            (1, 0) => "span",
            (0, 1) => "event",
            (1, 1) => "span and event",
            _ => "something else",
        };
        assert_eq!(found, expected, "`{function}` with {case}: {spans} spans, {} events", sent.events.len());
    }
}

mod test {
    beside! { [test] fn runs() -> Result<(), String> { Ok(()) } }
}

mod tokio_test {
    beside! { [tokio::test]
        async fn runs() -> Result<(), String> {
            tokio::task::yield_now().await;
            Ok(())
        }
    }
}

#[test]
#[monitored_task]
#[should_panic(expected = "as it should")]
fn below_test_that_panics() {
    panic!("as it should");
}

#[monitor_performance]
#[test]
#[should_panic(expected = "as it should")]
fn above_test_that_panics() {
    panic!("as it should");
}

mod tokio_main {
    beside! { [tokio::main(flavor = "current_thread")]
        pub(crate) async fn serve(port: u32) -> Result<u32, String> {
            tokio::task::yield_now().await;
            if port == 0 { Err("no port".to_owned()) } else { Ok(port) }
        }
    }
}

#[test]
fn tokio_main() {
    assert_watched("serve", sent!(tokio_main::serve(0)));
    assert_eq!((tokio_main::capture_above::serve(1), tokio_main::task_below::serve(1)), (Ok(1), Ok(1)));
}

mod instrument {
    beside! { [tracing::instrument(fields(b), err)]
        pub(crate) fn parse(a: u32, mut b: String) -> Result<String, String> {
            b.push_str(&a.to_string());
            if a == 0 { Err(b) } else { Ok(b) }
        }
    }
}

mod instrument_async {
    beside! { [tracing::instrument(skip_all, err)]
        pub(crate) async fn load(a: u32) -> Result<u32, String> {
            tokio::task::yield_now().await;
            if a == 0 { Err("nothing".to_owned()) } else { Ok(a) }
        }
    }
}

#[monitor_performance(fields(a))]
#[tracing::instrument(skip_all, err)]
#[capture_errors(tags(a))]
async fn around_instrument(a: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    Ok(a)
}

#[tokio::test]
async fn tracing_instrument() {
    assert_watched("parse", sent!(instrument::parse(0, "x".to_owned())));
    assert_watched("load", sent!(instrument_async::load(0).await));
    assert_eq!(instrument::capture_below::parse(1, "x".into()), Ok("x1".to_owned()));
    assert_eq!(around_instrument(1).await, Ok(1));
}

mod debug_handler {
    beside! { [axum::debug_handler]
        pub(crate) async fn handle(
            Path(id): Path<u32>,
            Query(_): Query<Vec<(String, String)>>,
        ) -> Result<String, StatusCode> {
            tokio::task::yield_now().await;
            if id == 0 { Err(StatusCode::NOT_FOUND) } else { Ok(id.to_string()) }
        }
    }
}

#[axum::debug_handler]
#[monitor_performance(fields(id))]
#[capture_errors(tags(id))]
async fn below_handler(Path(id): Path<u32>) -> Result<String, StatusCode> {
    tokio::task::yield_now().await;
    if id == 0 { Err(StatusCode::NOT_FOUND) } else { Ok(id.to_string()) }
}

#[tokio::test]
async fn axum_debug_handler() {
    let router: axum::Router = axum::Router::new()
        .route("/above/{id}", axum::routing::get(debug_handler::monitor_above::handle))
        .route("/capture/{id}", axum::routing::get(debug_handler::capture_above::handle))
        .route("/task/{id}", axum::routing::get(debug_handler::task_below::handle))
        .route("/below/{id}", axum::routing::get(below_handler));
    drop(router);
    assert_watched("handle", sent!(debug_handler::handle(Path(0), Query(Vec::new())).await));
    assert_eq!(below_handler(Path(5)).await, Ok("5".to_owned()));
}

#[async_trait]
trait Charge: Sync {
    async fn charge(&self, amount: u32) -> Result<u32, String>;
    async fn refund(self, amount: &str) -> Result<usize, String>
    where
        Self: Sized;

    #[monitor_performance(fields(amount))]
    #[capture_errors]
    async fn charge_twice(&self, amount: u32) -> Result<u32, String> {
        Ok(self.charge(amount).await? + self.charge(amount).await?)
    }
}

struct Above(u32);

#[monitor_performance(op = "business", fields(amount))]
#[capture_errors(category = "payment")]
#[async_trait]
impl Charge for Above {
    async fn charge(&self, amount: u32) -> Result<u32, String> {
        tokio::task::yield_now().await;
        Ok(amount + self.0)
    }

    async fn refund(self, amount: &str) -> Result<usize, String> {
        tokio::task::yield_now().await;
        Ok(amount.len() + self.0 as usize)
    }
}

struct Below(u32);

#[async_trait]
#[monitor_performance(op = "business")]
#[capture_errors(category = "payment")]
impl Charge for Below {
    #[monitor_performance(fields(amount))]
    async fn charge(&self, amount: u32) -> Result<u32, String> {
        tokio::task::yield_now().await;
        Ok(amount + self.0)
    }

    async fn refund(self, amount: &str) -> Result<usize, String> {
        tokio::task::yield_now().await;
        Ok(amount.len() + self.0 as usize)
    }
}

/// Blocks of which no task can be made, and the function in one of which a task is.
macro_rules! beside_block {
    ([$($other:tt)*] $($function:tt)*) => {
        mod of_blocks {
            use super::*;

            #[$($other)*]
            pub(super) trait Load: Sync + Sized {
                async fn load(self, key: &str) -> Result<usize, String>;
            }
            pub(super) struct MonitorAbove;
            #[monitor_performance]
            #[$($other)*]
            impl Load for MonitorAbove { $($function)* }
            pub(super) struct MonitorBelow;
            #[$($other)*]
            #[monitor_performance]
            impl Load for MonitorBelow { $($function)* }
            pub(super) struct CaptureAbove;
            #[capture_errors]
            #[$($other)*]
            impl Load for CaptureAbove { $($function)* }
            pub(super) struct CaptureBelow;
            #[$($other)*]
            #[capture_errors]
            impl Load for CaptureBelow { $($function)* }
            pub(super) struct MonitorInside;
            #[$($other)*]
            impl Load for MonitorInside { #[monitor_performance("load")] $($function)* }
            pub(super) struct CaptureInside;
            #[$($other)*]
            impl Load for CaptureInside { #[capture_errors] $($function)* }
            pub(super) struct TaskInside;
            #[$($other)*]
            impl Load for TaskInside { #[monitored_task("load")] $($function)* }
        }
    };
}

beside_block! { [async_trait]
    async fn load(self, key: &str) -> Result<usize, String> {
        tokio::task::yield_now().await;
        if key.is_empty() { Err("no key".to_owned()) } else { Ok(key.len()) }
    }
}

#[tokio::test]
async fn async_trait_blocks() {
    assert_eq!((Above(1).charge(2).await, Above(1).charge_twice(2).await), (Ok(3), Ok(6)));
    assert_eq!((Below(1).charge(2).await, Below(1).charge_twice(2).await), (Ok(3), Ok(6)));
    assert_eq!((Above(1).refund("ab").await, Below(1).refund("ab").await), (Ok(3), Ok(3)));
}

#[tokio::test]
async fn async_trait_with_each_attribute() {
    use of_blocks::{
        CaptureAbove, CaptureBelow, CaptureInside, Load, MonitorAbove, MonitorBelow, MonitorInside, TaskInside,
    };

    async fn sent(loads: impl Load) -> (String, usize) {
        let sent = capture_async(async { drop(loads.load("").await) }).await;
        (sent.tree(), sent.events.len())
    }
    let names = [sent(MonitorAbove).await, sent(MonitorBelow).await, sent(MonitorInside).await, sent(TaskInside).await];
    let expected = [("MonitorAbove::load", 0), ("MonitorBelow::load", 0), ("load", 0), ("load", 1)];
    for ((tree, events), (name, expected)) in names.iter().zip(expected) {
        assert!(tree.lines().count() == 1 && tree.contains(name) && *events == expected, "{tree}{events}");
    }
    for (tree, events) in [sent(CaptureAbove).await, sent(CaptureBelow).await, sent(CaptureInside).await] {
        assert_eq!((tree.as_str(), events), ("", 1));
    }
    assert_eq!(TaskInside.load("ab").await, Ok(2));
}
