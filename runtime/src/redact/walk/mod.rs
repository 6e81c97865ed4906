//! Everything that is sent, place by place: which text is a statement or a URL, which key a value has.
//!
//! Not touched: ids, timestamps, releases, file names and paths of stack frames, debug images, the SDK's own name.

mod error;
mod items;
mod performance;

use std::borrow::Cow;

use sentry_core::protocol::{Map, Value};

use super::Redactor;
use super::cover::{self, REDACTED, is_covered};
use super::database::clean_message;
use super::keys::Kind;
use super::scan::is_card;
use super::words::EXPOSED;

/// Deeper values are replaced: so many levels no person reads, and the walk must not use up the stack.
const DEEPEST: usize = 32;
/// The values of one item beyond these are replaced. Sentry refuses items long before.
const MOST_VALUES: usize = 100_000;

/// One item's walk.
struct Walk<'r> {
    redactor: &'r Redactor,
    /// The values redacted.
    count: u64,
    /// The values that may still be looked at.
    left: usize,
}

/// What a text is by its key.
enum Form {
    Text,
    Sql,
    Url,
    Query,
    /// The value of a statement's placeholder.
    Parameter,
}

impl Redactor {
    /// A JSON value, in place: by the keys of its objects and by the shape of its texts and numbers. What lies deeper than 32 levels
    /// is replaced. Returns the number of values redacted.
    pub fn value(&self, value: &mut Value) -> u64 {
        self.walk(|walk| walk.value("", value, DEEPEST))
    }

    fn walk(&self, places: impl FnOnce(&mut Walk<'_>)) -> u64 {
        let mut walk = Walk { redactor: self, count: 0, left: MOST_VALUES };
        places(&mut walk);
        walk.count
    }
}

impl Walk<'_> {
    /// A text without a key.
    fn text(&mut self, text: &mut String) {
        self.text_as(&Form::Text, text);
    }

    fn texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t mut String>) {
        texts.into_iter().for_each(|text| self.text(text));
    }

    fn cow(&mut self, text: &mut Cow<'static, str>) {
        if let (Cow::Owned(clean), found) = self.plain(text) {
            self.count += found;
            *text = Cow::Owned(clean);
        }
    }

    /// A text that may be the message of an error, or have one in it.
    fn plain<'t>(&self, text: &'t str) -> (Cow<'t, str>, u64) {
        match clean_message(text) {
            (Cow::Borrowed(text), _) => self.redactor.clean(text),
            (Cow::Owned(message), quoted) => {
                let (clean, found) = self.redactor.clean(&message);
                (Cow::Owned(clean.into_owned()), quoted + found)
            }
        }
    }

    /// A text of a form.
    fn text_as(&mut self, form: &Form, text: &mut String) {
        let (clean, found) = match form {
            Form::Text => self.plain(text),
            Form::Sql => self.redactor.clean_sql(text),
            Form::Url => self.redactor.clean_url(text),
            Form::Query => self.redactor.clean_query(text),
            Form::Parameter => return self.cover(text),
        };
        self.count += found;
        if let Cow::Owned(clean) = clean {
            *text = clean;
        }
    }

    /// Whether the text was exposed: then it leaves without its mark and, its shape aside, as it is.
    fn exposed(&mut self, text: &mut String) -> bool {
        let Some(exposed) = text.strip_prefix(EXPOSED) else { return false };
        let (clean, found) = self.redactor.clean_exposed(exposed);
        self.count += found;
        *text = clean.into_owned();
        true
    }

    /// A text under a key.
    fn keyed(&mut self, key: &str, text: &mut String) {
        if self.exposed(text) {
            return;
        }
        match self.redactor.kind(key) {
            Kind::Innocent => self.text_as(&form(key), text),
            Kind::Secret | Kind::Personal => self.cover(text),
        }
    }

    /// A text that is secret whatever it says.
    fn cover(&mut self, text: &mut String) {
        if is_covered(text) {
            // Only the hash that was taken without a key is replaced.
            return self.text(text);
        }
        if !text.is_empty() {
            *text = self.redactor.cover(text).into_owned();
            self.count += 1;
        }
    }

    /// A text that tells one person from another, and still must when it is covered.
    fn identity(&mut self, text: &mut String) {
        if self.exposed(text) {
            return;
        }
        if let (Cow::Owned(_), found @ 1..) = self.redactor.clean(text) {
            *text = self.redactor.hash(text);
            self.count += found;
        }
    }

    /// A text that is personal data by its place: its ends stay.
    fn personal(&mut self, text: &mut String) {
        if self.exposed(text) {
            return;
        }
        if self.redactor.sends_pii() || is_covered(text) {
            return self.text(text);
        }
        if !text.is_empty() {
            *text = cover::mask(text);
            self.count += 1;
        }
    }

    /// A value under a key; `depth` levels may still be below it.
    fn value(&mut self, key: &str, value: &mut Value, depth: usize) {
        if self.left == 0 || depth == 0 {
            return self.replace(value);
        }
        self.left -= 1;
        if let Value::String(text) = value {
            return self.keyed(key, text);
        }
        if self.redactor.kind(key) != Kind::Innocent {
            return self.cover_value(value);
        }
        match value {
            Value::Number(number) => {
                let number = number.as_u64().or_else(|| number.as_f64().map(|number| number.abs() as u64));
                if number.is_some_and(is_card) {
                    self.replace(value);
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.value(key, value, depth - 1)),
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    self.value(key, value, depth - 1);
                }
                for (old, new) in self.secret_keys(map.keys()) {
                    if let Some(value) = map.remove(&old) {
                        map.insert(new, value);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }

    /// A value that is secret by its key. That there is one, or none, is not.
    fn cover_value(&mut self, value: &mut Value) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::String(text) => self.cover(text),
            Value::Number(number) => {
                let mut text = number.to_string();
                self.cover(&mut text);
                *value = Value::String(text);
            }
            Value::Array(values) if values.is_empty() => {}
            Value::Object(map) if map.is_empty() => {}
            Value::Array(_) | Value::Object(_) => self.replace(value),
        }
    }

    fn replace(&mut self, value: &mut Value) {
        *value = Value::from(REDACTED);
        self.count += 1;
    }

    /// The keys that are secret themselves (a map from e-mail addresses to anything), and what takes their place.
    fn secret_keys<'k>(&mut self, keys: impl Iterator<Item = &'k String>) -> Vec<(String, String)> {
        let mut secret = Vec::new();
        for key in keys {
            if let (Cow::Owned(clean), found) = self.redactor.clean(key) {
                self.count += found;
                secret.push((key.clone(), clean));
            }
        }
        secret
    }

    fn map(&mut self, map: &mut Map<String, Value>) {
        for (key, value) in map.iter_mut() {
            self.value(key, value, DEEPEST);
        }
        self.rename_keys(map);
    }

    fn strings(&mut self, map: &mut Map<String, String>) {
        for (key, text) in map.iter_mut() {
            self.keyed(key, text);
        }
        self.rename_keys(map);
    }

    fn rename_keys<T>(&mut self, map: &mut Map<String, T>) {
        for (old, new) in self.secret_keys(map.keys()) {
            if let Some(value) = map.remove(&old) {
                map.insert(new, value);
            }
        }
    }
}

/// What the text of an innocent key is, by Sentry's and OpenTelemetry's names and those of HTTP headers.
fn form(key: &str) -> Form {
    const SQL: &[&str] = &["db.statement", "db.query.text", "sql"];
    const URL: &[&str] =
        &["url", "url.full", "url.original", "http.url", "http.target", "referer", "referrer", "location"];
    const QUERY: &[&str] = &["url.query", "http.query", "query_string", "url.fragment", "http.fragment"];
    let is_one_of = |names: &[&str]| names.iter().any(|name| key.eq_ignore_ascii_case(name));
    match key.len() {
        3..=13 if is_one_of(SQL) => Form::Sql,
        3..=13 if is_one_of(URL) => Form::Url,
        9..=13 if is_one_of(QUERY) => Form::Query,
        19.. if key.starts_with("db.query.parameter.") => Form::Parameter,
        _ => Form::Text,
    }
}
