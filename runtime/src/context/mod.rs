//! Structs that become context: of an event, of a user.

mod user;
mod value;

pub use user::{SentryUser, UserFields};
pub use value::ToValue;

use std::fmt::Display;

use sentry_core::protocol::Value;

/// A struct that becomes a named context, by `#[derive(SentryContext)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a context",
    label = "needs `SentryContext`",
    note = "add `#[derive(watchpost::SentryContext)]` to `{Self}`"
)]
pub trait SentryContext {
    /// The context's name in Sentry.
    fn name(&self) -> &str;
    /// Tells every field to `fields`.
    fn fields(&self, fields: &mut Fields);
}

/// What a context says of itself: fields, and tags for those to be searched by.
#[derive(Debug, Default)]
pub struct Fields {
    pub(crate) fields: Vec<(String, Value)>,
    pub(crate) tags: Vec<(String, String)>,
}

impl Fields {
    /// One field.
    pub fn field(&mut self, key: &str, value: Value) {
        self.fields.push((key.to_owned(), value));
    }
    /// One tag of the event, under its full key (`payment.currency`).
    pub fn tag(&mut self, key: &str, value: impl Display) {
        self.tags.push((key.to_owned(), value.to_string()));
    }
}
