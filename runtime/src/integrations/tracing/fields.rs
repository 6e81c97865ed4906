//! What an event of tracing says.

use std::error::Error;
use std::fmt;

use sentry_core::protocol::Value;
use tracing_core::field::{Field, Visit};

use crate::ToValue;

/// How many fields of one event are taken.
const FIELDS: usize = 64;

/// The message and the fields of an event.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) message: String,
    pub(super) fields: Vec<(&'static str, Value)>,
    /// Whether one of them is an error.
    pub(super) has_error: bool,
    /// Who wrote it to the `log` crate, where it came from there.
    pub(super) log_target: Option<String>,
}

impl Said {
    fn put(&mut self, field: &Field, value: Value) {
        match field.name() {
            "message" => self.message = value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            "log.target" => self.log_target = value.as_str().map(str::to_owned),
            // Where in the source a record of the `log` crate was made.
            name if name.starts_with("log.") => {}
            name if self.fields.len() < FIELDS => self.fields.push((name, value)),
            _ => {}
        }
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format_args!("{value:?}").to_value());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.to_value());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.to_value());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.to_value());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.to_value());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.to_value());
    }
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.has_error = true;
        self.put(field, format_args!("{value}").to_value());
    }
}

/// Hands the first field that is an error to a function.
pub(super) struct FirstError<F>(pub(super) Option<F>);

impl<F: FnOnce(&(dyn Error + 'static))> Visit for FirstError<F> {
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
    fn record_error(&mut self, _: &Field, value: &(dyn Error + 'static)) {
        if let Some(tell) = self.0.take() {
            tell(value);
        }
    }
}
