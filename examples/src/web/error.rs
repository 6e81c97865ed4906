//! How an error becomes an answer.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use watchpost::Classify;

use crate::auth::AuthError;
use crate::booking::BookingError;

/// What a handler can fail with.
#[derive(Debug, thiserror::Error, Classify)]
pub enum ApiError {
    #[error(transparent)]
    #[classify(delegate)]
    Auth(#[from] AuthError),
    #[error(transparent)]
    #[classify(delegate)]
    Booking(#[from] BookingError),
    #[error("{0}")]
    #[classify(expected, status = "invalid_argument", http = 400)]
    Body(#[from] JsonRejection),
}

impl IntoResponse for ApiError {
    /// The status is what the error type itself says of each variant.
    fn into_response(self) -> Response {
        let status = self.classify().http.and_then(|code| StatusCode::from_u16(code).ok());
        let answer = Json(json!({ "error": self.to_string() }));
        (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), answer).into_response()
    }
}

pub(super) async fn no_such_page() -> (StatusCode, Json<serde_json::Value>) {
    (StatusCode::NOT_FOUND, Json(json!({ "error": "there is no such page" })))
}
