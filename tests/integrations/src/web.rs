//! Servers of web frameworks on loopback, whose requests are captured by a test's own client.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use axum::response::IntoResponse;
use sentry_core::{ClientOptions, Hub, SentryFutureExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::{Service, ServiceExt};
use watchpost::Instrumentation;
use watchpost::testing::{Captured, capture_async_with};

/// As [`watchpost::testing::options`], with nothing told of polls that take long: a machine that builds has many.
pub fn options() -> ClientOptions {
    errors_alone().traces_sample_rate(1.0)
}

/// The same without traces.
pub fn errors_alone() -> ClientOptions {
    ClientOptions::new().add_integration(Instrumentation::new().blocked_after(None))
}

/// What a future sent, with these options.
pub async fn capture_async(future: impl Future<Output = ()>) -> Captured {
    capture_async_with(options(), future).await
}

/// A server of axum on a free port of loopback, until it is dropped.
#[derive(Debug)]
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Served {
    /// Serves every request in the hub that is current here: connections are tasks of their own, which inherit none.
    pub async fn start<S, R>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<R>, Error = Infallible> + Clone + Send + Sync + 'static,
        S::Future: Send,
        Response<R>: IntoResponse,
    {
        let hub = Hub::current();
        let bound = move |request: Request<Body>| {
            let (service, hub) = (service.clone(), Arc::new(Hub::new_from_top(&hub)));
            async move { service.oneshot(request).await }.bind_hub(hub)
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port of loopback is free");
        let address = listener.local_addr().expect("it is bound");
        let task = tokio::spawn(async move {
            let app = axum::Router::new().fallback_service(tower::service_fn(bound));
            let _ = axum::serve(listener, app).await;
        });
        Self { address, task }
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}
