//! One foreign crate each, by the runtime's public verbs alone: each could move to a crate of its own without a change.

#[cfg(feature = "actix-web")]
pub mod actix_web;
#[cfg(feature = "apalis")]
pub mod apalis;
#[cfg(feature = "axum")]
pub mod axum;
#[cfg(feature = "console")]
pub mod console;
#[cfg(feature = "diesel")]
pub mod diesel;
#[cfg(feature = "jwt")]
pub mod jwt;
#[cfg(feature = "lettre")]
pub mod lettre;
#[cfg(feature = "redis")]
pub mod redis;
#[cfg(feature = "reqwest")]
pub mod reqwest;
#[cfg(feature = "sql")]
pub mod sql;
#[cfg(feature = "sqlx")]
pub mod sqlx;
#[cfg(feature = "tracing")]
pub mod tracing;
#[cfg(any(feature = "actix-web", feature = "axum"))]
mod web;
