//! The provider of text messages. What happens is decided by the number.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

pub(super) fn router() -> Router {
    Router::new().route("/2010-04-01/Messages", post(send))
}

async fn send(Json(message): Json<Value>) -> Response {
    let to = message["to"].as_str().unwrap_or_default();
    let digits: String = to.chars().filter(char::is_ascii_digit).collect();
    if !to.starts_with('+') || digits.len() < 8 {
        let refusal =
            json!({ "code": "21211", "message": format!("The 'To' number {to} is not a valid phone number.") });
        return (StatusCode::BAD_REQUEST, Json(refusal)).into_response();
    }
    if digits.ends_with("000") {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    Json(json!({ "id": format!("SM{:x}", digits.len()) })).into_response()
}
