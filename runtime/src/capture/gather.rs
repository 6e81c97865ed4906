//! What the open calls say of an error: the stack, the values, who is asked next.

use std::borrow::Cow;

use sentry_core::protocol::{Context, Event, Map, Value};
use sentry_core::{Level, Scope};

use super::once::{Extent, OpenCalls};
use super::stack::{self, Annotated};
use super::values::Values;
use crate::Fields;
use crate::context::limits;

/// The tag of an error's category.
const CATEGORY: &str = "error.category";

/// What the open calls say of an error. Of a key that is said twice, the inner call's value stands.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Outermost first.
    pub stack: Vec<Annotated>,
    tags: Map<String, String>,
    /// Few, so that they need no map.
    contexts: Vec<(String, Map<String, Value>)>,
    fields: Map<String, Value>,
}

impl Gathered {
    /// Everything; `own` is more inner than any call.
    pub(super) fn from(calls: &dyn OpenCalls, own: Values, with_arguments: bool) -> Self {
        let mut gathered = Self::default();
        let own_arguments = gathered.take(own);
        calls.each(&mut |call| {
            let Extent::Call(site) = call.extent else { return true };
            let mut vars = Map::new();
            if let Some(values) = call.values {
                if with_arguments {
                    vars.extend(values.args.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
                }
                gathered.copy(values);
            }
            if stack::is_function(site) {
                gathered.stack.push(Annotated { site, vars });
            }
            true
        });
        if let Some(innermost) = gathered.stack.first_mut().filter(|_| with_arguments) {
            innermost.vars.extend(own_arguments.into_iter().map(|(key, value)| (key.to_owned(), value)));
        }
        gathered.stack.reverse();
        gathered
    }

    fn take(&mut self, values: Values) -> Vec<(&'static str, Value)> {
        for (key, value) in values.fields.into_iter().rev() {
            self.field(key, value);
        }
        for (key, value) in values.tags.into_iter().rev() {
            self.tag(key, value);
        }
        for (name, fields) in values.contexts.into_iter().rev() {
            self.context(name, fields);
        }
        values.args
    }

    fn copy(&mut self, values: &Values) {
        for (key, value) in values.fields.iter().rev() {
            self.field(key.clone(), value.clone());
        }
        for (key, value) in values.tags.iter().rev() {
            self.tag(key.clone(), value.clone());
        }
        for (name, fields) in values.contexts.iter().rev() {
            self.context(name.clone(), fields.clone());
        }
    }

    // Of two calls, the inner one's value was here first. Of one call, what is said later counts: it is taken first, too.
    fn field(&mut self, key: Cow<'static, str>, value: Value) {
        if let Some(key) = limits::field_key(key) {
            self.fields.entry(key).or_insert(value);
        }
    }

    fn tag(&mut self, key: Cow<'static, str>, value: String) {
        let value = limits::tag_value(value);
        if let Some(key) = limits::tag_key(key).filter(|_| !value.trim().is_empty()) {
            self.tags.entry(key).or_insert(value);
        }
    }

    fn context(&mut self, name: String, fields: Fields) {
        let Some(name) = limits::context_name(name) else { return };
        let (fields, tags) = fields.into_parts();
        let context = self.context_mut(name);
        for (key, value) in fields {
            context.entry(key).or_insert(value);
        }
        for (key, value) in tags {
            if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
                self.tags.entry(key).or_insert(value);
            }
        }
    }

    fn context_mut(&mut self, name: String) -> &mut Map<String, Value> {
        let at = self.contexts.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.contexts.push((name, Map::new()));
            self.contexts.len() - 1
        });
        &mut self.contexts[at].1
    }

    /// Adds the category's tag, and its context from plain fields.
    pub(super) fn file_under(&mut self, category: Option<&str>, error_type: &str) {
        if let Some(category) = category {
            self.tags.entry(CATEGORY.to_owned()).or_insert_with(|| limits::tag_value(category.to_owned()));
        }
        if self.fields.is_empty() {
            return;
        }
        let name = category.map_or(Cow::Borrowed("error"), |category| Cow::Owned([category, "_error"].concat()));
        if let Some(name) = limits::context_name(name) {
            let fields = std::mem::take(&mut self.fields);
            let context = self.context_mut(name);
            // To append to nothing is to build all of it anew.
            if context.is_empty() {
                *context = fields;
            } else {
                context.extend(fields);
            }
            context.entry("error_type".to_owned()).or_insert_with(|| error_type.into());
        }
    }

    /// What is said of one event, with the level that was chosen for it.
    pub(super) fn into_said(self, level: Option<Level>) -> Said {
        Said { tags: self.tags, contexts: self.contexts, level }
    }
}

/// What is said of one event and stands before what the scope says of everything.
#[derive(Debug, Default)]
pub(crate) struct Said {
    tags: Map<String, String>,
    contexts: Vec<(String, Map<String, Value>)>,
    level: Option<Level>,
}

impl Said {
    /// Puts it on an event that has what the scope says already.
    pub(crate) fn put_over(mut self, event: &mut Event<'_>) {
        event.tags.append(&mut self.tags);
        event.contexts.extend(self.contexts.into_iter().map(|(name, fields)| (name, Context::Other(fields))));
        event.level = self.level.unwrap_or(event.level);
    }

    /// Puts it on a scope that is only for the event.
    pub(super) fn put_on(self, scope: &mut Scope) {
        for (key, value) in self.tags {
            scope.set_tag(&key, value);
        }
        for (name, fields) in self.contexts {
            scope.set_context(&name, Context::Other(fields));
        }
        if self.level.is_some() {
            scope.set_level(self.level);
        }
    }
}
