//! One transaction for each request. To be replaced by `watchpost::axum::MonitorLayer`.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

pub(super) async fn request(request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
    let name = format!("{} {template}", request.method());
    let _ = name;
    next.run(request).await
}
