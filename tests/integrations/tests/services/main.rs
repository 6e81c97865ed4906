//! The integrations against the real thing: one binary, one module an integration.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![cfg_attr(feature = "off", expect(unused, reason = "what only attributes name is used by nothing without them"))]

mod actix;
mod apalis;
mod axum;
mod brokers;
mod console;
mod diesel;
mod error_types;
mod fan_out;
mod frameworks;
mod guide;
mod jwt;
mod mail;
mod once;
mod redis;
mod reqwest;
mod sql;
mod sqlx;
mod tracing;
