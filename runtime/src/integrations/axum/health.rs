//! How monitoring is, over HTTP.

use axum::routing::{MethodRouter, get};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

/// A route that answers with [`health()`](crate::health()) as JSON: `{"status": "healthy", "sentry": {"enabled": true, ..}}`. The
/// answer is 200 whatever monitoring does: a program is well without.
///
/// ```
/// let app: axum::Router = axum::Router::new().route("/health", watchpost::axum::health_route());
/// ```
///
/// It tells environment, release and rates to whoever asks, and no secret: the DSN is not among it.
pub fn health_route<S: Clone + Send + Sync + 'static>() -> MethodRouter<S> {
    get(|| async {
        let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
        (headers, crate::health().to_json())
    })
}
