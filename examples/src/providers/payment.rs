//! The payment provider. What happens is decided by the card's number: they are the usual test numbers.

use std::time::Duration;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

pub(super) fn router() -> Router {
    Router::new().route("/v1/charges", post(charge)).route("/v1/charges/{id}/refund", post(refund))
}

async fn charge(Json(charge): Json<Value>) -> Response {
    let number = charge["card"]["number"].as_str().unwrap_or_default();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    match digits.as_str() {
        "4000000000000002" => declined(number, "generic_decline"),
        "4000000000009995" => declined(number, "insufficient_funds"),
        "4000000000000069" => declined(number, "expired_card"),
        "4000000000000127" => declined(number, "incorrect_cvc"),
        "4000000000000119" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "4000000000000259" => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            StatusCode::OK.into_response()
        }
        "4000000000003220" => Html("<h1>Your bank wants to know it is you</h1>").into_response(),
        _ if !luhn(&digits) => declined("number", "incorrect_number"),
        _ => {
            let key = charge["idempotency_key"].as_str().unwrap_or_default();
            Json(json!({ "id": format!("ch_{key}"), "status": "succeeded" })).into_response()
        }
    }
}

/// As providers do, the message repeats what was sent.
fn declined(number: &str, code: &str) -> Response {
    let message = format!("card {number} was not accepted");
    (StatusCode::PAYMENT_REQUIRED, Json(json!({ "code": code, "message": message }))).into_response()
}

async fn refund(Path(id): Path<String>) -> Json<Value> {
    Json(json!({ "id": format!("re_{id}"), "status": "succeeded" }))
}

/// Whether the check digit is right.
fn luhn(digits: &str) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let value = |(at, digit): (usize, u32)| if at % 2 == 1 { doubled(digit) } else { digit };
    let sum: u32 = digits.chars().rev().filter_map(|digit| digit.to_digit(10)).enumerate().map(value).sum();
    digits.len() >= 12 && sum.is_multiple_of(10)
}
