//! Users from bearer tokens: those that hold, and every other kind.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::routing::get;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, encode};
use serde::{Deserialize, Serialize};
use tower::ServiceExt;
use watchpost::SentryUser;
use watchpost::axum::MonitorLayer;
use watchpost::jwt::{JwtConfigError, JwtUser};
use watchpost::testing::Captured;
use watchpost_integration_tests::web::capture_async;

#[derive(Clone, Serialize, Deserialize, SentryUser)]
struct Claims {
    #[user(id)]
    sub: String,
    #[user(tag)]
    role: String,
    #[user(skip)]
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[user(skip)]
    nbf: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[user(skip)]
    aud: Option<String>,
}

const KEY: &[u8] = b"the application's";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn claims() -> Claims {
    Claims { sub: "17".into(), role: "barber".into(), exp: now() + 3600, nbf: None, aud: Some("shop".into()) }
}

fn rules() -> Validation {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_audience(&["shop"]);
    rules.validate_nbf = true;
    rules
}

fn signed(claims: &impl Serialize, key: &[u8]) -> String {
    encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(key)).unwrap()
}

/// What is told of a request with this header; its handler sees the header as it was sent.
async fn captured(authorization: Option<String>) -> Captured {
    capture_async(async move {
        let user = JwtUser::<Claims>::new(DecodingKey::from_secret(KEY), rules()).unwrap();
        let expected = authorization.clone();
        let handler = move |headers: HeaderMap| {
            let header = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(header, expected);
            async {}
        };
        let app = Router::new().route("/", get(handler)).layer(MonitorLayer::new().user(user));
        let request = Request::builder().uri("/");
        let request = authorization.iter().fold(request, |request, header| request.header("authorization", header));
        let answer = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200);
    })
    .await
}

async fn told(authorization: Option<String>) -> (Option<String>, String) {
    let captured = captured(authorization).await;
    assert!(captured.events.is_empty(), "a token is no error: {:?}", captured.events);
    let transaction = &captured.transactions[0];
    let id = transaction.user.as_ref().and_then(|user| user.id.clone());
    (id, transaction.tags["jwt.status"].clone())
}

async fn status_of_token(token: String) -> String {
    let (user, status) = told(Some(format!("Bearer {token}"))).await;
    assert_eq!(user, None);
    status
}

#[tokio::test]
async fn a_token_that_holds_is_the_user() {
    let captured = captured(Some(format!("Bearer {}", signed(&claims(), KEY)))).await;
    let transaction = &captured.transactions[0];
    assert_eq!(transaction.user.as_ref().and_then(|user| user.id.as_deref()), Some("17"));
    assert_eq!(transaction.tags["user.role"], "barber");
    assert_eq!(transaction.tags["jwt.status"], "valid");
}

#[tokio::test]
async fn without_a_token() {
    assert_eq!(told(None).await, (None, "missing".into()));
    assert_eq!(told(Some("Basic YTpi".into())).await, (None, "missing".into()));
}

#[tokio::test]
async fn tokens_that_do_not_hold() {
    let token = signed(&claims(), KEY);
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let borrowed = format!("eyJhbGciOiJub25lIn0.{payload}.{signature}");
    let other_family = format!("eyJhbGciOiJSUzI1NiJ9.{payload}.{signature}");
    let cut = format!("{header}.{payload}.{}", &signature[..signature.len() - 3]);
    let over = Claims { exp: now() - 3600, ..claims() };
    let early = Claims { nbf: Some(now() + 3600), ..claims() };
    let elsewhere = Claims { aud: Some("bank".into()), ..claims() };
    let other_claims = serde_json::json!({ "exp": now() + 3600, "aud": "shop" });
    for (token, expected) in [
        (unsigned, "wrong_algorithm"),
        (borrowed, "wrong_algorithm"),
        (other_family, "wrong_algorithm"),
        (signed(&claims(), b"another key"), "wrong_signature"),
        (cut, "wrong_signature"),
        (signed(&over, KEY), "expired"),
        (signed(&early, KEY), "not_yet_valid"),
        (signed(&elsewhere, KEY), "wrong_claims"),
        (signed(&other_claims, KEY), "wrong_claims"),
        ("garbage".into(), "malformed"),
        ("a.b.c".into(), "malformed"),
        ("....".into(), "malformed"),
        ("A".repeat(1 << 20), "malformed"),
        (format!("{header}.{}.{signature}", "A".repeat(1 << 20)), "malformed"),
    ] {
        let shown = token.chars().take(60).collect::<String>();
        assert_eq!(status_of_token(token).await, expected, "{shown}");
    }
}

/// Whoever forges a token does not get the user of a real one into Sentry, and the token itself is nowhere.
#[tokio::test]
async fn nothing_of_a_token_is_told() {
    for token in [signed(&claims(), KEY), signed(&claims(), b"another key")] {
        let captured = captured(Some(format!("Bearer {token}"))).await;
        let text = format!("{:?}", captured.transactions);
        assert!(token.split('.').all(|part| !text.contains(part)), "{text}");
    }
}

#[test]
fn what_can_verify_nothing_is_a_configuration_error() {
    let problem = |key: DecodingKey, rules: Validation| JwtUser::<Claims>::new(key, rules).unwrap_err();
    let secret = || DecodingKey::from_secret(KEY);
    let mut none = rules();
    none.algorithms.clear();
    assert_eq!(problem(secret(), none), JwtConfigError::NoAlgorithm);
    let rsa = Validation::new(Algorithm::RS256);
    assert_eq!(problem(secret(), rsa.clone()), JwtConfigError::OtherKey(Algorithm::RS256));
    assert!(problem(secret(), rsa).to_string().contains("RS256"));
    assert!(JwtUser::<Claims>::new(secret(), rules()).is_ok());
}

/// A clock that is a little off is the application's to allow for.
#[tokio::test]
async fn the_leeway_is_the_applications() {
    let soon = Duration::from_secs(30).as_secs();
    let barely_over = signed(&Claims { exp: now() - soon, ..claims() }, KEY);
    assert_eq!(told(Some(format!("bearer {barely_over}"))).await.1, "valid");
}
