//! What events are about: the user, contexts, tags, and the structs that become them.
//!
//! A struct with `#[derive(SentryContext)]` or `#[derive(SentryUser)]` says once, checked by the compiler, what of it may
//! leave the program and how; [`set_user`], [`add_context`] and [`with_scope`] put it on the current scope. Where no client
//! listens, they do nothing.

mod derive;
mod fields;
pub(crate) mod limits;
mod scope;
mod text;
mod time;
mod user;
mod value;

pub use derive::{SentryContext, SentryUser};
pub use fields::{Fields, IntoContext, Part, SentryContext};
pub use scope::{ScopeExt, Scoped, add_breadcrumb, add_context, set_tag, set_user, with_scope};
pub use sentry_core::protocol::Value;
pub(crate) use text::{beginning, text};
pub use user::{SentryUser, UserFields};
pub use value::ToValue;
pub(crate) use value::{by_debug, by_display, millis};
