//! One transaction for each request, by its route. `watchpost::axum::MonitorLayer` does this and more.

use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use watchpost::{SpanStatus, TraceHeaders, current_span, transaction};

pub(super) async fn request(request: Request, next: Next) -> Response {
    // By the template, never by the path: a name for each appointment would be a name nobody can find.
    let template = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
    let name = format!("{} {template}", request.method());
    let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    transaction("http.server", name)
        .source("route")
        .continuing(TraceHeaders::from_pairs(headers).parent())
        .field("http.request.method", request.method().as_str())
        .field("url.query", request.uri().query().map(str::to_owned))
        .instrument(async {
            let response = next.run(request).await;
            current_span().set_field("http.response.status_code", response.status().as_u16());
            current_span().set_status(status(response.status()));
            response
        })
        .await
}

/// A status of HTTP as Sentry maps it to one of a span.
fn status(status: StatusCode) -> SpanStatus {
    match status.as_u16() {
        ..400 => SpanStatus::Ok,
        401 => SpanStatus::Unauthenticated,
        403 => SpanStatus::PermissionDenied,
        404 => SpanStatus::NotFound,
        409 => SpanStatus::AlreadyExists,
        429 => SpanStatus::ResourceExhausted,
        402 | 412 => SpanStatus::FailedPrecondition,
        400..=499 => SpanStatus::InvalidArgument,
        501 => SpanStatus::Unimplemented,
        503 => SpanStatus::Unavailable,
        504 => SpanStatus::DeadlineExceeded,
        _ => SpanStatus::InternalError,
    }
}
