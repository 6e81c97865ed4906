//! How an error becomes an answer.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use watchpost::Classify;
use watchpost::axum::{HandlerError, status_of};

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
    /// The status is what the error type itself says of each variant; the error goes along for whoever reports the answer.
    fn into_response(self) -> Response {
        let answer = (status_of(&self), Json(json!({ "error": self.to_string() })));
        HandlerError::classified(self).attach(answer)
    }
}

pub(super) async fn no_such_page() -> (StatusCode, Json<serde_json::Value>) {
    (StatusCode::NOT_FOUND, Json(json!({ "error": "there is no such page" })))
}
