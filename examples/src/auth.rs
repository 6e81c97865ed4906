//! Who is asking: bearer tokens, verified here and nowhere else.

use std::fmt;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use tracing::warn;
use watchpost::jwt::{JwtConfigError, JwtUser};
use watchpost::{Classify, SentryUser, capture_errors};

use crate::service::Shop;
use crate::web::ApiError;

/// What a token says. Derived, it is also what Sentry is told of the user: the id, a masked address, the role as a tag.
#[derive(Debug, Clone, Serialize, Deserialize, SentryUser)]
pub struct Claims {
    #[user(id)]
    pub sub: String,
    #[user(email)]
    pub email: String,
    #[user(tag, display)]
    pub role: Role,
    pub location_id: u32,
    #[user(skip)]
    pub exp: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Customer,
    Barber,
    Owner,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Customer => "customer",
            Self::Barber => "barber",
            Self::Owner => "owner",
        })
    }
}

/// Why someone is not let in.
#[derive(Debug, thiserror::Error, Classify)]
pub enum AuthError {
    #[error("a bearer token is needed")]
    #[classify(expected, status = "unauthenticated", http = 401)]
    Missing,
    #[error("the token is over")]
    #[classify(expected, status = "unauthenticated", http = 401)]
    Expired,
    // Someone tries keys; that should be seen.
    #[error("the token is not ours")]
    #[classify(category = "security", level = "warning", status = "unauthenticated", http = 401)]
    Invalid(#[source] jsonwebtoken::errors::Error),
    #[error("that is for the shop's owner")]
    #[classify(category = "security", level = "warning", status = "permission_denied", http = 403)]
    NotOwner,
}

/// The key that tokens are signed with.
pub struct Keys {
    signing: EncodingKey,
    verifying: DecodingKey,
    rules: Validation,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    pub fn new(secret: &[u8]) -> Self {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.leeway = 0;
        Self { signing: EncodingKey::from_secret(secret), verifying: DecodingKey::from_secret(secret), rules }
    }

    pub fn sign(&self, claims: &Claims) -> Result<String, jsonwebtoken::errors::Error> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.signing)
    }

    /// Tells Sentry who asks, by the same key and rules that let them in.
    ///
    /// # Errors
    /// When these can verify no token at all.
    pub fn user(&self) -> Result<JwtUser<Claims>, JwtConfigError> {
        JwtUser::new(self.verifying.clone(), self.rules.clone())
    }

    #[capture_errors]
    pub fn verify(&self, token: &str) -> Result<Claims, AuthError> {
        let verified = jsonwebtoken::decode(token, &self.verifying, &self.rules);
        verified.map(|token| token.claims).map_err(|error| match error.kind() {
            ErrorKind::ExpiredSignature => AuthError::Expired,
            _ => AuthError::Invalid(error),
        })
    }
}

impl Claims {
    /// # Errors
    /// Everyone else is turned away.
    #[capture_errors(tags(role = self.role))]
    pub fn must_be_owner(&self) -> Result<(), AuthError> {
        if self.role == Role::Owner { Ok(()) } else { Err(AuthError::NotOwner) }
    }
}

impl FromRequestParts<Arc<Shop>> for Claims {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shop: &Arc<Shop>) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(AuthError::Missing)?;
        let verified = shop.keys.verify(token);
        Ok(verified.inspect_err(|error| warn!(%error, "login refused"))?)
    }
}
