//! The calendar provider. What happens is decided by the calendar's id.

use std::time::Duration;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use axum::{Json, Router};
use serde_json::json;

pub(super) fn router() -> Router {
    Router::new().route("/calendars/{calendar}/events/{event}", put(put_event))
}

async fn put_event(Path((calendar, event)): Path<(String, u64)>) -> Response {
    let mood = calendar.rsplit('-').next().unwrap_or_default();
    match mood {
        "revoked" => {
            let refusal = json!({ "code": "invalid_grant", "message": "Token has been expired or revoked." });
            (StatusCode::UNAUTHORIZED, Json(refusal)).into_response()
        }
        // Cut off half-way, now and then.
        "garbled" if event.is_multiple_of(3) => r#"{"id": "evt_"#.into_response(),
        "slow" if event.is_multiple_of(4) => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            StatusCode::OK.into_response()
        }
        _ => Json(json!({ "id": format!("evt_{event}") })).into_response(),
    }
}
