//! Who the user is.

use std::borrow::Cow;
use std::fmt::Display;

use sentry_core::protocol::{IpAddress, User, Value};

use super::fields::{SetTags, Tags, set_tags};
use super::limits::{self, tell};
use super::text::text;

/// A struct that says who the user is, by `#[derive(SentryUser)]`.
///
/// Written out by hand where a derive does not fit:
///
/// ```
/// use watchpost::{SentryUser, ToValue, UserFields};
///
/// struct Session {
///     user: u64,
///     location: u32,
/// }
///
/// impl SentryUser for Session {
///     fn fields(&self, user: &mut UserFields) {
///         user.id(self.user);
///         user.data("location_id", self.location.to_value());
///     }
/// }
/// watchpost::set_user(&Session { user: 17, location: 3 });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who the user is",
    label = "needs `SentryUser`",
    note = "add `#[derive(watchpost::SentryUser)]` to `{Self}` and `#[user(id)]` to the field that identifies the user"
)]
pub trait SentryUser {
    /// Tells everything to `user`. Called only when someone wants to know.
    fn fields(&self, user: &mut UserFields);
}

impl<T: SentryUser + ?Sized> SentryUser for &T {
    fn fields(&self, user: &mut UserFields) {
        (**self).fields(user);
    }
}

/// `None` is nobody: [`set_user(&None::<Claims>)`](crate::set_user) takes the user off.
impl<T: SentryUser> SentryUser for Option<T> {
    fn fields(&self, user: &mut UserFields) {
        if let Some(some) = self {
            some.fields(user);
        }
    }
}

/// What a user struct says of itself. What it does not say is unset.
#[derive(Debug, Clone, Default)]
pub struct UserFields {
    id: Option<String>,
    email: Option<String>,
    username: Option<String>,
    ip_address: Option<String>,
    data: Vec<(Cow<'static, str>, Value)>,
    tags: Tags,
}

impl UserFields {
    /// The identity.
    pub fn id(&mut self, id: impl Display) {
        self.id = said(&id);
    }
    /// The e-mail address; masked on the way out unless `send_default_pii` is on.
    pub fn email(&mut self, email: impl Display) {
        self.email = said(&email);
    }
    /// The name.
    pub fn username(&mut self, username: impl Display) {
        self.username = said(&username);
    }
    /// The IP address, or `{{auto}}` for the address that Sentry receives the event from.
    pub fn ip_address(&mut self, ip_address: impl Display) {
        self.ip_address = said(&ip_address);
    }
    /// Anything else. `Null` says nothing and is left out.
    pub fn data(&mut self, key: impl Into<Cow<'static, str>>, value: Value) {
        if !value.is_null() {
            self.data.push((key.into(), value));
        }
    }
    /// One tag, under its full key (`user.role`): at most 200 of `[a-zA-Z0-9_.:-]`, better at most 32; its value is one
    /// line of at most 200 characters.
    pub fn tag(&mut self, key: impl Into<Cow<'static, str>>, value: impl Display) {
        self.tags.push((key.into(), said(&value)));
    }
    /// This user has no such tag: what an earlier user left on the scope is taken off.
    pub fn no_tag(&mut self, key: impl Into<Cow<'static, str>>) {
        self.tags.push((key.into(), None));
    }

    /// Everything `user` says.
    pub(crate) fn of(user: &(impl SentryUser + ?Sized)) -> Self {
        let mut fields = Self::default();
        user.fields(&mut fields);
        fields
    }

    /// What is sent: the user, if anything is said of one, and the tags with their values, `None` for those to be taken
    /// off. Within Sentry's limits.
    pub(crate) fn into_parts(self) -> (Option<User>, SetTags) {
        let data = self.data.into_iter().filter_map(|(key, value)| Some((limits::user_key(key)?, value)));
        let user = User {
            id: self.id,
            email: self.email,
            username: self.username,
            ip_address: self.ip_address.and_then(|address| ip_address(&address)),
            other: data.collect(),
        };
        ((user != User::default()).then_some(user), set_tags(self.tags))
    }
}

/// The value as text; an empty one says nothing.
fn said(value: &impl Display) -> Option<String> {
    Some(text(format_args!("{value}"))).filter(|text| !text.is_empty())
}

fn ip_address(address: &str) -> Option<IpAddress> {
    let parsed = address.parse().ok();
    if parsed.is_none() {
        // Not the value: whatever it is, it was taken for personal data.
        tell(format_args!("the user's IP address is none and was left out"));
    }
    parsed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Told(fn(&mut UserFields));
    impl SentryUser for Told {
        fn fields(&self, user: &mut UserFields) {
            (self.0)(user);
        }
    }
    fn json(told: fn(&mut UserFields)) -> Value {
        serde_json::to_value(UserFields::of(&Told(told)).into_parts().0).expect("a user")
    }

    #[test]
    fn a_user_is_what_was_said() {
        let user = json(|user| {
            user.id(17);
            user.email("a@example.com");
            user.username("anna");
            user.ip_address("10.0.0.1");
            user.data("location_id", json!(3));
            user.data("plan", Value::Null);
        });
        assert_eq!(
            user,
            json!({ "id": "17", "email": "a@example.com", "username": "anna", "ip_address": "10.0.0.1", "location_id": 3 })
        );
        assert_eq!(json(|user| user.ip_address("{{auto}}")), json!({ "ip_address": "{{auto}}" }));
    }

    #[test]
    fn nobody_is_no_user() {
        assert_eq!(json(|_| ()), Value::Null);
        assert_eq!(json(|user| user.id("")), Value::Null);
        assert_eq!(json(|user| user.ip_address("not an address")), Value::Null);
        assert!(UserFields::of(&None::<Told>).into_parts().0.is_none());
    }

    #[test]
    fn data_never_takes_the_place_of_an_identity() {
        let user = json(|user| {
            user.id(17);
            user.data("id", json!(18));
            user.data("email", json!("x"));
        });
        assert_eq!(user, json!({ "id": "17", "id_": 18, "email_": "x" }));
    }
}
