//! Our attributes beside those of others, above them and below.

use async_trait::async_trait;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use watchpost::{capture_errors, monitor_performance, monitored_task};

#[monitor_performance]
#[tokio::test]
async fn above_tokio_test() {
    tokio::task::yield_now().await;
}

#[tokio::test]
#[monitor_performance]
#[capture_errors]
async fn below_tokio_test() -> Result<(), String> {
    tokio::task::yield_now().await;
    Ok(())
}

#[monitor_performance]
#[test]
fn above_test() {}

#[test]
#[capture_errors]
#[monitor_performance]
fn below_test() -> Result<(), String> {
    Ok(())
}

#[test]
#[monitored_task]
#[should_panic(expected = "as it should")]
fn below_test_that_panics() {
    panic!("as it should");
}

mod above_main {
    #[watchpost::monitor_performance]
    #[tokio::main(flavor = "current_thread")]
    pub(super) async fn main() -> Result<u32, String> {
        tokio::task::yield_now().await;
        Ok(5)
    }
}

mod below_main {
    #[tokio::main(flavor = "current_thread")]
    #[watchpost::capture_errors]
    #[watchpost::monitor_performance]
    pub(super) async fn main() -> Result<u32, String> {
        tokio::task::yield_now().await;
        Ok(5)
    }
}

#[test]
fn tokio_main() {
    assert_eq!((above_main::main(), below_main::main()), (Ok(5), Ok(5)));
}

#[monitor_performance(fields(a))]
#[tracing::instrument(fields(b), err)]
fn above_instrument(a: u32, mut b: String) -> Result<String, String> {
    b.push_str(&a.to_string());
    Ok(b)
}

#[tracing::instrument(fields(b), err)]
#[monitor_performance(fields(a))]
#[capture_errors]
fn below_instrument(a: u32, mut b: String) -> Result<String, String> {
    b.push_str(&a.to_string());
    Ok(b)
}

#[monitor_performance]
#[tracing::instrument(skip_all, err)]
#[capture_errors]
async fn around_instrument(a: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    Ok(a)
}

#[tracing::instrument]
#[capture_errors]
async fn below_instrument_async(a: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    Ok(a)
}

#[tokio::test]
async fn tracing_instrument() {
    assert_eq!(above_instrument(1, "x".into()), Ok("x1".to_owned()));
    assert_eq!(below_instrument(1, "x".into()), Ok("x1".to_owned()));
    assert_eq!((around_instrument(1).await, below_instrument_async(2).await), (Ok(1), Ok(2)));
}

#[monitor_performance(fields(id))]
#[axum::debug_handler]
async fn above_handler(Path(id): Path<u32>, Query(_): Query<Vec<(String, String)>>) -> String {
    tokio::task::yield_now().await;
    id.to_string()
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
        .route("/above/{id}", axum::routing::get(above_handler))
        .route("/below/{id}", axum::routing::get(below_handler));
    drop(router);
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

#[tokio::test]
async fn async_trait_blocks() {
    assert_eq!((Above(1).charge(2).await, Above(1).charge_twice(2).await), (Ok(3), Ok(6)));
    assert_eq!((Below(1).charge(2).await, Below(1).charge_twice(2).await), (Ok(3), Ok(6)));
    assert_eq!((Above(1).refund("ab").await, Below(1).refund("ab").await), (Ok(3), Ok(3)));
}
