//! What an annotation records of a call: only what it names.

use std::borrow::Cow;
use std::fmt::Display;

use sentry_core::protocol::Value;

use crate::{Fields, SentryContext};

/// The values of one call, evaluated and owned.
#[derive(Debug, Default)]
pub struct Values {
    pub(crate) fields: Vec<(Cow<'static, str>, Value)>,
    pub(crate) tags: Vec<(Cow<'static, str>, String)>,
    pub(crate) contexts: Vec<(String, Fields)>,
    pub(crate) args: Vec<(&'static str, Value)>,
}

impl Values {
    /// A field of the span, or of the error's context.
    pub fn field(&mut self, key: &'static str, value: Value) {
        self.fields.push((Cow::Borrowed(key), value));
    }
    /// A tag.
    pub fn tag(&mut self, key: &'static str, value: impl Display) {
        self.tags.push((Cow::Borrowed(key), value.to_string()));
    }
    /// A whole context.
    pub fn context(&mut self, context: &impl SentryContext) {
        let mut fields = Fields::default();
        context.fields(&mut fields);
        self.contexts.push((context.name().to_owned(), fields));
    }
    /// An argument, for the function's stack frame.
    pub fn arg(&mut self, key: &'static str, value: Value) {
        self.args.push((key, value));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.tags.is_empty() && self.contexts.is_empty() && self.args.is_empty()
    }

    /// Takes in what was recorded later.
    pub(crate) fn absorb(&mut self, mut later: Self) {
        if self.is_empty() {
            *self = later;
            return;
        }
        self.fields.append(&mut later.fields);
        self.tags.append(&mut later.tags);
        self.contexts.append(&mut later.contexts);
        self.args.append(&mut later.args);
    }
}

/// The attribute's own words about one error, said on the error path: they win over the type's
/// [`Policy`](crate::Policy).
#[derive(Debug, Default)]
pub struct Words {
    pub(crate) ignore: bool,
    pub(crate) category: Option<Cow<'static, str>>,
    pub(crate) fingerprint: Option<Vec<String>>,
    /// Boxed: most words have none.
    pub(crate) values: Option<Box<Values>>,
}

impl Words {
    /// No event for this error.
    pub fn ignore(&mut self) {
        self.ignore = true;
    }
    /// The event's fingerprint.
    pub fn fingerprint(&mut self, parts: Vec<String>) {
        self.fingerprint = Some(parts);
    }
    /// Late fields, tags, contexts and arguments.
    pub fn values(&mut self) -> &mut Values {
        self.values.get_or_insert_default()
    }
}
