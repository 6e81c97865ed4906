//! The user of a request, from a verified bearer token.
//!
//! Verification is the application's: its keys, algorithms, audience and leeway. What is found here is for Sentry alone and lets
//! nobody in.
//!
//! ```
//! use jsonwebtoken::{Algorithm, DecodingKey, Validation};
//! use serde::Deserialize;
//! use watchpost::SentryUser;
//! use watchpost::jwt::JwtUser;
//!
//! #[derive(Deserialize, SentryUser)]
//! struct Claims {
//!     #[user(id)]
//!     sub: String,
//!     #[user(tag)]
//!     role: String,
//! }
//! # fn start(key: &[u8]) -> Result<(), watchpost::jwt::JwtConfigError> {
//! let mut rules = Validation::new(Algorithm::HS256);
//! rules.set_audience(&["shop"]);
//! let user = JwtUser::<Claims>::new(DecodingKey::from_secret(key), rules)?;
//! // MonitorLayer::new().user(user)
//! # Ok(())
//! # }
//! ```
//!
//! With a token that does not hold nobody is known, and the tag `jwt.status` says why:
//!
//! | `jwt.status` | the token |
//! |---|---|
//! | `valid` | holds |
//! | `missing` | is not there, or what is there is no bearer token |
//! | `malformed` | is no token: garbage, or too long (over 16 KiB) |
//! | `expired`, `not_yet_valid` | is over, or not yet good |
//! | `wrong_algorithm` | is signed by an algorithm that is not allowed, `none` for one |
//! | `wrong_signature` | is signed by another key |
//! | `wrong_claims` | is for another audience, by another issuer, or its claims are not these |
//! | `unverified` | could not be verified: the cryptography failed |

mod backend;
mod problem;
mod status;

use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use jsonwebtoken::{DecodingKey, Validation, decode};
use serde::de::DeserializeOwned;

pub use problem::JwtConfigError;
use status::Status;

use crate::{SentryUser, UserFields};

/// Longer tokens are not looked at: no issuer writes such, and to look at them costs time and memory.
const LONGEST: usize = 16 * 1024;

/// The user that a bearer token speaks of; see [the module](self).
pub struct JwtUser<C> {
    key: DecodingKey,
    rules: Validation,
    // Tokens are made into claims, none is kept.
    claims: PhantomData<fn() -> C>,
}

impl<C> fmt::Debug for JwtUser<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtUser").field("algorithms", &self.rules.algorithms).finish_non_exhaustive()
    }
}

impl<C: SentryUser + DeserializeOwned> JwtUser<C> {
    /// Takes the key and the rules by which a token is verified: the application's own.
    ///
    /// # Errors
    /// When no token could ever be verified: `jsonwebtoken` was built without cryptography, no algorithm is allowed, the key is not one
    /// for the allowed algorithms, or cannot be read. This is told here, where the program starts, and not as a panic in a request. A
    /// `jsonwebtoken::crypto::CryptoProvider` of the application's own must be installed before.
    pub fn new(key: DecodingKey, rules: Validation) -> Result<Self, JwtConfigError> {
        backend::check()?;
        problem::check(&key, &rules)?;
        Ok(Self { key, rules, claims: PhantomData })
    }

    /// Tells `user` whom the headers' `Authorization: Bearer ..` speaks of, if it holds, and the tag `jwt.status` in any case.
    pub fn user_of(&self, headers: &HeaderMap, user: &mut UserFields) {
        let header = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        self.user_of_header(header, user);
    }

    /// As [`user_of`](Self::user_of), from the header's value alone: for frameworks with another `http` crate.
    pub fn user_of_header(&self, authorization: Option<&[u8]>, user: &mut UserFields) {
        let status = match self.claims_of(authorization) {
            Ok(claims) => {
                claims.fields(user);
                Status::Valid
            }
            Err(status) => status,
        };
        user.tag("jwt.status", status);
    }

    fn claims_of(&self, authorization: Option<&[u8]>) -> Result<C, Status> {
        let token = authorization.and_then(bearer).ok_or(Status::Missing)?;
        if token.len() > LONGEST {
            return Err(Status::Malformed);
        }
        // What verifies may be the application's own, and panic.
        let verified = catch_unwind(AssertUnwindSafe(|| decode::<C>(token, &self.key, &self.rules)));
        match verified {
            Ok(Ok(token)) => Ok(token.claims),
            Ok(Err(error)) => Err(Status::of(error.kind(), token)),
            Err(_) => Err(Status::Unverified),
        }
    }
}

/// The token of a header; the scheme's name is written in any case.
fn bearer(header: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = header.split_at_checked(6)?;
    let token = rest.trim_ascii();
    let is_bearer = scheme.eq_ignore_ascii_case(b"bearer") && rest.first() == Some(&b' ') && !token.is_empty();
    is_bearer.then_some(token)
}

#[cfg(feature = "axum")]
impl<C: SentryUser + DeserializeOwned + 'static> crate::axum::UserExtractor for JwtUser<C> {
    fn extract(&self, request: &http::request::Parts, user: &mut UserFields) {
        self.user_of(&request.headers, user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearers() {
        for (header, expected) in [
            ("Bearer abc", Some("abc")),
            ("bearer   abc ", Some("abc")),
            ("Bearer ", None),
            ("Bearer", None),
            ("Bearerabc", None),
            ("Basic YTpi", None),
            ("", None),
        ] {
            assert_eq!(bearer(header.as_bytes()), expected.map(str::as_bytes), "{header}");
        }
    }
}
