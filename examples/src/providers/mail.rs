//! The e-mail provider. What happens is decided by the recipient's domain.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

/// How often each address was tried, for the servers that accept nobody at once.
type Tries = Arc<Mutex<HashMap<String, u32>>>;

pub(super) fn router() -> Router {
    Router::new().route("/v3/mail/send", post(send)).with_state(Tries::default())
}

async fn send(State(tries): State<Tries>, Json(message): Json<Value>) -> Response {
    let to = message["to"].as_str().unwrap_or_default();
    let domain = to.rsplit('@').next().unwrap_or_default();
    match domain {
        _ if !to.contains('@') => refused(&format!("{to} is not an address")),
        "bounce.example" => refused(&format!("mailbox {to} does not exist")),
        "full.example" => refused(&format!("mailbox {to} is full")),
        "greylist.example" if try_again(&tries, to) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        "down.example" => StatusCode::BAD_GATEWAY.into_response(),
        _ => Json(json!({ "id": format!("msg_{:08x}", to.len()) })).into_response(),
    }
}

/// Grey-listing servers take a message at the third try.
fn try_again(tries: &Tries, to: &str) -> bool {
    let mut tries = tries.lock().unwrap_or_else(PoisonError::into_inner);
    let tried = tries.entry(to.to_owned()).or_default();
    *tried += 1;
    !tried.is_multiple_of(3)
}

fn refused(message: &str) -> Response {
    let refusal = json!({ "code": "rejected", "message": message });
    (StatusCode::UNPROCESSABLE_ENTITY, Json(refusal)).into_response()
}
