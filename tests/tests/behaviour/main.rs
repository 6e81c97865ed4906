//! What the product does, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod breadcrumbs;
mod classify;
mod configuration;
mod delivery;
mod derived_context;
mod derived_user;
mod error_types;
mod errors;
mod errors_once;
mod errors_rules;
mod guide;
mod limits;
mod main_fn;
mod panics;
mod redaction_corpus;
mod redaction_property;
mod scope;
mod secret_keys;
mod silent_derives;
mod spans;
mod spans_async;
mod spans_interop;
mod spans_model;
mod tasks;
