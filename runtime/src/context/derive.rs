//! The derives, with what is said of them.

/// Makes a struct a named context of events; derives the trait of the same name.
///
/// ```
/// use std::fmt;
/// use watchpost::SentryContext;
///
/// #[derive(SentryContext)]
/// #[context(name = "payment")] // else the struct's name in snake case, without `Context` at its end
/// struct PaymentContext<'a> {
///     payment_id: &'a str, // as it is: needs `ToValue`
///     #[context(tag)]
///     currency: Currency, // and the tag `payment.currency`; by `Display`
///     #[context(display)]
///     amount: Decimal,
///     stripe_error_code: Option<&'a str>, // left out where there is none
///     #[context(masked)]
///     email: &'a str, // a name like this needs a word
/// }
/// # enum Currency { Eur }
/// # impl fmt::Display for Currency {
/// #     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str("EUR") }
/// # }
/// # struct Decimal(u64);
/// # impl fmt::Display for Decimal {
/// #     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}.{:02}", self.0 / 100, self.0 % 100) }
/// # }
/// watchpost::add_context(&PaymentContext {
///     payment_id: "pay_123",
///     currency: Currency::Eur,
///     amount: Decimal(4_500),
///     stripe_error_code: None,
///     email: "anna@example.com",
/// });
/// ```
///
/// On the struct, `#[context(..)]` takes
///
/// | word | |
/// |---|---|
/// | `name = ".."` | the context's name: at most 200 of `[a-zA-Z0-9_.:-]`, and none of Sentry's own (`trace`, `os`, `runtime`, ..) |
/// | `crate = ::path` | where `watchpost` is found, if not at `::watchpost` |
///
/// On a field,
///
/// | word | the field is recorded |
/// |---|---|
/// | none | as it is, by [`ToValue`](crate::ToValue) |
/// | `display`, `debug` | by `Display`, by `Debug` |
/// | `masked`, `hashed`, `exposed` | by [`redact::masked`](crate::redact::masked) and the like |
/// | `tag` | by `Display` or the word beside it, and also as the tag `NAME.field`, to search by |
/// | `rename = ".."` | under another key; a tuple's fields need one |
/// | `nested` | as an object: its type is a context itself, or an `Option` or a list of them |
/// | `flatten` | as if its type's fields were this struct's own |
/// | `skip` | not at all |
///
/// Where a field is an `Option` (by that name: an alias is not seen through), the words are about what it holds; `None` leaves the
/// field out. The tags of a context inside
/// keep the keys that they have there, so that one search finds them wherever they are.
///
/// A field whose name looks like a secret or personal data does not compile until `masked`, `hashed`, `exposed` or `skip` is
/// said. `rename` does not help: what a field is called in the program is what it is.
///
/// A generic struct is a context where its fields can be recorded: the bounds are on the types of those fields that a type
/// parameter is part of.
pub use watchpost_macros::SentryContext;

/// Makes a struct say who the user is; derives the trait of the same name.
///
/// ```
/// use watchpost::SentryUser;
///
/// #[derive(SentryUser)]
/// struct Claims {
///     #[user(id)]
///     sub: String,
///     #[user(email)]
///     email: Option<String>,
///     #[user(tag)]
///     role: String, // user data, and the tag `user.role`
///     location_id: u32, // user data
///     #[user(skip)]
///     exp: u64,
/// }
/// # let claims = Claims { sub: "17".into(), email: None, role: "barber".into(), location_id: 3, exp: 0 };
/// watchpost::set_user(&claims);
/// ```
///
/// On a field, `#[user(..)]` takes
///
/// | word | the field is |
/// |---|---|
/// | `id`, `email`, `username`, `ip_address` | what Sentry knows a user by, each at most once; by `Display` or the word beside it |
/// | none, `data` | user data under its name, by [`ToValue`](crate::ToValue) |
/// | `tag` | user data and the tag `user.field`; by `Display` or the word beside it |
/// | `display`, `debug` | recorded by `Display`, by `Debug` |
/// | `masked`, `hashed`, `exposed` | recorded by [`redact::masked`](crate::redact::masked) and the like |
/// | `rename = ".."` | user data under another key |
/// | `skip` | not recorded |
///
/// and on the struct, `crate = ::path` says where `watchpost` is found.
///
/// An `Option` that is `None` unsets what it is about. Data whose name looks like a secret or personal data needs a word, as does an
/// id that is one (an e-mail address as the id: `#[user(id, hashed)]`). What is marked `email`, `username` or `ip_address` needs
/// none: without `send_default_pii` the first two are masked and the third is left out.
pub use watchpost_macros::SentryUser;
