//! Structs that become the user.

use std::fmt::Display;

use sentry_core::protocol::Value;

/// A struct that says who the user is, by `#[derive(SentryUser)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who the user is",
    label = "needs `SentryUser`",
    note = "add `#[derive(watchpost::SentryUser)]` to `{Self}` and `#[user(id)]` to the field that identifies the user"
)]
pub trait SentryUser {
    /// Tells everything to `user`.
    fn fields(&self, user: &mut UserFields);
}

/// What a user struct says of itself.
#[derive(Debug, Default)]
pub struct UserFields {
    pub(crate) id: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) ip_address: Option<String>,
    pub(crate) data: Vec<(String, Value)>,
    pub(crate) tags: Vec<(String, String)>,
}

impl UserFields {
    /// The identity.
    pub fn id(&mut self, id: impl Display) {
        self.id = Some(id.to_string());
    }
    /// The e-mail address; masked on the way out unless `send_default_pii` is on.
    pub fn email(&mut self, email: impl Display) {
        self.email = Some(email.to_string());
    }
    /// The name.
    pub fn username(&mut self, username: impl Display) {
        self.username = Some(username.to_string());
    }
    /// The IP address; left out unless `send_default_pii` is on.
    pub fn ip_address(&mut self, ip_address: impl Display) {
        self.ip_address = Some(ip_address.to_string());
    }
    /// Anything else.
    pub fn data(&mut self, key: &str, value: Value) {
        self.data.push((key.to_owned(), value));
    }
    /// One tag, under its full key (`user.role`).
    pub fn tag(&mut self, key: &str, value: impl Display) {
        self.tags.push((key.to_owned(), value.to_string()));
    }
}
