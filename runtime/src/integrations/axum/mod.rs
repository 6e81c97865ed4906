//! axum, tower and hyper: one layer that does everything for a request.
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use watchpost::axum::{MonitorLayer, health_route};
//!
//! let app: Router = Router::new()
//!     .route("/users/{id}", get(|| async { "a user" }))
//!     .route("/health", health_route())
//!     .layer(MonitorLayer::new());
//! ```
//!
//! For each request
//! - a transaction `GET /users/{id}`, in a scope of its own, which continues the trace that came in with the request;
//! - its status by the answer's, as `cancelled` where the client has gone away, and the data of Sentry's conventions
//!   (`http.route`, `http.response.status_code`, ..); the tag `http.time_class`: `fast` below 200 ms, `normal` below 1 s, `slow` below
//!   5 s, `very_slow`;
//! - the request (method, URL, query, a few headers) on every event and on the transaction, and the user if a [`UserExtractor`] knows one;
//! - an error event where the answer's status is 500 to 599 and nobody has reported an error on the way: the handler's own error if it
//!   is there as a [`HandlerError`];
//! - with the feature `metrics` the distribution `http.server.request.duration` in seconds, whether or not the request is sampled;
//!   with `release-health` and [`Sessions::Request`](crate::config::Sessions) a session.
//!
//! Bodies are neither read nor changed, so streams and upgrades go through as they are. A transaction ends with the head of the answer.
//!
//! # Where the layer is put
//! Anywhere: it needs no other layer, and its order among others changes nothing but what it sees. With `Router::layer` or
//! `Router::route_layer` it knows the route's template. Around the whole router, or around a plain tower or hyper service, the name
//! is the path with `*` for what looks like a value (`GET /users/*`), of source `url`; and `GET unmatched` where the answer is a 404
//! or 405 and there is no template. Put in twice, the outermost does the work and the inner one tells it the template.
//!
//! Outside of other layers it also sees their answers: put it last, `Router::layer` runs the last one first. Code that layers run in
//! `Service::call`, before the future that it returns is polled, is outside of the span.
//!
//! ```
//! # use axum::Router;
//! use watchpost::axum::MonitorLayer;
//!
//! let layer = MonitorLayer::new()
//!     .sensitive("/login")
//!     .skip("/internal/*")
//!     .path_context("appointment_id", "booking")
//!     .failed_statuses([500..=599, 429..=429]);
//! # let app: Router = Router::new().layer(layer);
//! ```

mod error;
mod health;
mod seen;
mod service;
mod user;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

pub use error::{HandlerError, status_of};
pub use health::health_route;
use http::request::Parts;
pub use service::{MonitorService, ResponseFuture};
use tower_layer::Layer;
pub use user::UserExtractor;

use super::web::{Settings, common_words};

/// The layer: see [the module](self).
#[derive(Clone, Default)]
pub struct MonitorLayer {
    settings: Arc<Settings>,
    user: Option<Arc<dyn UserExtractor>>,
    client: Option<Arc<ClientAddress>>,
}

type ClientAddress = dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync;

impl MonitorLayer {
    /// With what is safe for everyone: no user, no address.
    pub fn new() -> Self {
        Self::default()
    }

    /// Who asks; see [`UserExtractor`].
    #[must_use]
    pub fn user(mut self, extractor: impl UserExtractor) -> Self {
        self.user = Some(Arc::new(extractor));
        self
    }

    /// Where the client's address is found. It is asked, and the address told, only where the client's option `send_default_pii` is on.
    /// Which header of a proxy is to be believed is the application's to know.
    ///
    /// ```
    /// use std::net::SocketAddr;
    ///
    /// use axum::extract::ConnectInfo;
    /// use watchpost::axum::MonitorLayer;
    ///
    /// // With `Router::into_make_service_with_connect_info::<SocketAddr>()`.
    /// let layer = MonitorLayer::new()
    ///     .client_address(|request| request.extensions.get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| peer.ip()));
    /// ```
    #[must_use]
    pub fn client_address(mut self, found: impl Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        self.client = Some(Arc::new(found));
        self
    }

    common_words!();
}

impl fmt::Debug for MonitorLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitorLayer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<S> Layer<S> for MonitorLayer {
    type Service = MonitorService<S>;

    fn layer(&self, inner: S) -> MonitorService<S> {
        MonitorService::new(inner, self.clone())
    }
}
