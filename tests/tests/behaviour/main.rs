//! What the product does, seen from outside.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![expect(dropping_copy_types, clippy::unit_arg, reason = "what a call returns is dropped by name, whatever it is")]
#![cfg_attr(feature = "off", expect(unused, reason = "what only attributes name is used by nothing without them"))]

mod beside;
mod breadcrumbs;
#[cfg(not(feature = "off"))]
mod catalog;
mod classify;
mod configuration;
mod cron;
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
mod messages;
mod panics;
mod redaction_corpus;
mod redaction_property;
mod scope;
mod secret_keys;
mod silent_derives;
mod spans;
mod spans_adversity;
mod spans_async;
mod spans_built;
mod spans_exact;
mod spans_interop;
mod spans_model;
mod spans_sampling;
mod spans_unsampled;
mod tasks;
mod tasks_built;
mod tasks_many;
