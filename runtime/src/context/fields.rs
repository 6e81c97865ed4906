//! A context: a name, fields to read, tags to search by.

use std::borrow::Cow;
use std::fmt::Display;

use sentry_core::protocol::{Map, Value};

use super::limits;
use super::text::text;

/// A struct that becomes a named context of events, by `#[derive(SentryContext)]`.
///
/// Written out by hand where a derive does not fit:
///
/// ```
/// use watchpost::{Fields, SentryContext, ToValue};
///
/// struct Stripe {
///     code: Option<&'static str>,
///     attempt: u32,
/// }
///
/// impl SentryContext for Stripe {
///     fn name(&self) -> &'static str {
///         "stripe"
///     }
///     fn fields(&self, fields: &mut Fields) {
///         fields.field("code", self.code.to_value());
///         fields.field("attempt", self.attempt.to_value());
///         fields.tag("stripe.code", self.code.unwrap_or("none"));
///     }
/// }
/// watchpost::add_context(&Stripe { code: Some("card_declined"), attempt: 2 });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a context",
    label = "needs `SentryContext`",
    note = "add `#[derive(watchpost::SentryContext)]` to `{Self}`"
)]
pub trait SentryContext {
    /// The context's name in Sentry: at most 200 of `[a-zA-Z0-9_.:-]`, and none of Sentry's own (`trace`, `os`, ..).
    fn name(&self) -> &'static str;
    /// Tells every field to `fields`. Called only when someone wants to know.
    fn fields(&self, fields: &mut Fields);
}

impl<T: SentryContext + ?Sized> SentryContext for &T {
    fn name(&self) -> &'static str {
        (**self).name()
    }
    fn fields(&self, fields: &mut Fields) {
        (**self).fields(fields);
    }
}

impl<T: SentryContext + ?Sized> SentryContext for Box<T> {
    fn name(&self) -> &'static str {
        (**self).name()
    }
    fn fields(&self, fields: &mut Fields) {
        (**self).fields(fields);
    }
}

/// Tags as they were said; `None` for one that is to be taken off.
pub(super) type Tags = Vec<(Cow<'static, str>, Option<String>)>;

/// Tags within Sentry's limits; `None` for one that is to be taken off.
pub(crate) type SetTags = Vec<(String, Option<String>)>;

/// What a context says of itself: fields, and tags for those to be searched by.
///
/// A key said twice: the later one stands.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    fields: Vec<(Cow<'static, str>, Value)>,
    tags: Tags,
}

impl Fields {
    /// One field. `Null` says nothing and is left out; a key without a character too.
    pub fn field(&mut self, key: impl Into<Cow<'static, str>>, value: Value) {
        if !value.is_null() {
            self.fields.push((key.into(), value));
        }
    }

    /// One tag of the event, under its full key (`payment.currency`): at most 200 of `[a-zA-Z0-9_.:-]`, better at most 32;
    /// its value is one line of at most 200 characters.
    pub fn tag(&mut self, key: impl Into<Cow<'static, str>>, value: impl Display) {
        self.tags.push((key.into(), Some(text(format_args!("{value}")))));
    }

    /// This context has no such tag: what an earlier one of the same name left on the scope is taken off.
    pub fn no_tag(&mut self, key: impl Into<Cow<'static, str>>) {
        self.tags.push((key.into(), None));
    }

    /// The fields of another context as if they were this one's. Its tags keep their keys.
    pub fn flatten(&mut self, part: &(impl Part + ?Sized)) {
        part.flatten(self);
    }

    /// Another context as one field, an object. Its tags keep their keys. A list of contexts becomes a list.
    pub fn nested(&mut self, key: impl Into<Cow<'static, str>>, part: &(impl Part + ?Sized)) {
        let value = part.object(&mut self.tags);
        self.field(key, value);
    }

    /// Everything `context` says.
    pub(crate) fn of(context: &(impl SentryContext + ?Sized)) -> Self {
        let mut fields = Self::default();
        context.fields(&mut fields);
        fields
    }

    /// What is sent: the fields, and the tags with their values, `None` for those to be taken off. Within Sentry's limits.
    pub(crate) fn into_parts(self) -> (Map<String, Value>, SetTags) {
        let fields =
            self.fields.into_iter().filter_map(|(key, value)| Some((limits::field_key(key)?, value))).collect();
        (fields, set_tags(self.tags))
    }
}

/// The tags within Sentry's limits.
pub(super) fn set_tags(tags: Tags) -> SetTags {
    tags.into_iter().filter_map(|(key, value)| Some((limits::tag_key(key)?, value.map(limits::tag_value)))).collect()
}

/// What may stand inside a context, by `#[context(flatten)]` or `#[context(nested)]`: another context, an option or
/// a list of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a context and cannot be part of one",
    label = "needs `SentryContext`",
    note = "add `#[derive(watchpost::SentryContext)]` to `{Self}`, or record the field by `#[context(display)]` or `#[context(debug)]`"
)]
pub trait Part {
    #[doc(hidden)]
    fn flatten(&self, fields: &mut Fields);
    #[doc(hidden)]
    fn object(&self, tags: &mut Tags) -> Value;
}

#[diagnostic::do_not_recommend]
impl<T: SentryContext + ?Sized> Part for T {
    fn flatten(&self, fields: &mut Fields) {
        self.fields(fields);
    }
    fn object(&self, tags: &mut Tags) -> Value {
        let mut fields = Fields::of(self);
        tags.append(&mut fields.tags);
        Value::Object(fields.into_parts().0.into_iter().collect())
    }
}

impl<T: Part> Part for Option<T> {
    fn flatten(&self, fields: &mut Fields) {
        if let Some(part) = self {
            part.flatten(fields);
        }
    }
    fn object(&self, tags: &mut Tags) -> Value {
        self.as_ref().map_or(Value::Null, |part| part.object(tags))
    }
}

impl<T: Part> Part for [T] {
    fn flatten(&self, fields: &mut Fields) {
        for part in self {
            part.flatten(fields);
        }
    }
    fn object(&self, tags: &mut Tags) -> Value {
        Value::Array(self.iter().map(|part| part.object(tags)).collect())
    }
}

impl<T: Part, const N: usize> Part for [T; N] {
    fn flatten(&self, fields: &mut Fields) {
        self.as_slice().flatten(fields);
    }
    fn object(&self, tags: &mut Tags) -> Value {
        self.as_slice().object(tags)
    }
}

impl<T: Part> Part for Vec<T> {
    fn flatten(&self, fields: &mut Fields) {
        self.as_slice().flatten(fields);
    }
    fn object(&self, tags: &mut Tags) -> Value {
        self.as_slice().object(tags)
    }
}

/// What [`add_context`](crate::add_context) takes: a reference to a [`SentryContext`], or a name with its fields,
/// `("booking", [("service", "haircut")])`, checked at run time.
///
/// Fields of several types are given as `&dyn ToValue`, or as [`Value`]s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be added as a context",
    label = "neither a reference to a `SentryContext` nor a name with its fields",
    note = "write `add_context(&context)` with `#[derive(watchpost::SentryContext)]` on its type, or `add_context((\"booking\", [(\"service\", \"haircut\")]))`"
)]
pub trait IntoContext {
    #[doc(hidden)]
    fn into_context(self) -> (Cow<'static, str>, Fields);
}

#[diagnostic::do_not_recommend]
impl<T: SentryContext + ?Sized> IntoContext for &T {
    fn into_context(self) -> (Cow<'static, str>, Fields) {
        (Cow::Borrowed(self.name()), Fields::of(self))
    }
}

impl<N, I, K, V> IntoContext for (N, I)
where
    N: Into<String>,
    I: IntoIterator<Item = (K, V)>,
    K: Into<String>,
    V: super::ToValue,
{
    fn into_context(self) -> (Cow<'static, str>, Fields) {
        let mut fields = Fields::default();
        for (key, value) in self.1 {
            fields.field(key.into(), value.to_value());
        }
        (Cow::Owned(self.0.into()), fields)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ToValue;

    struct Line(u32);
    impl SentryContext for Line {
        fn name(&self) -> &'static str {
            "line"
        }
        fn fields(&self, fields: &mut Fields) {
            fields.field("price", self.0.to_value());
            fields.tag("line.price", self.0);
        }
    }

    fn object(fields: Fields) -> Value {
        Value::Object(fields.into_parts().0.into_iter().collect())
    }

    #[test]
    fn null_is_left_out_and_the_later_key_stands() {
        let mut fields = Fields::default();
        fields.field("a", json!(1));
        fields.field("b", Value::Null);
        fields.field("a", json!(2));
        assert_eq!(object(fields), json!({ "a": 2 }));
    }

    #[test]
    fn contexts_inside_a_context() {
        let mut fields = Fields::default();
        fields.flatten(&Line(1));
        fields.flatten(&None::<Line>);
        fields.nested("one", &Some(&Line(2)));
        fields.nested("none", &None::<Line>);
        fields.nested("list", &vec![Line(3), Line(4)]);
        let (map, tags) = fields.into_parts();
        let object = Value::Object(map.into_iter().collect());
        assert_eq!(object, json!({ "price": 1, "one": { "price": 2 }, "list": [{ "price": 3 }, { "price": 4 }] }));
        let tags: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_deref())).collect();
        assert_eq!(tags, ["1", "2", "3", "4"].map(|price| ("line.price", Some(price))));
    }

    #[test]
    fn a_name_with_fields_is_a_context() {
        let (name, fields) = ("booking", [("service", "haircut")]).into_context();
        assert_eq!((&*name, object(fields)), ("booking", json!({ "service": "haircut" })));
        let mixed: [(&str, &dyn ToValue); 2] = [("id", &17), ("paid", &true)];
        assert_eq!(object((String::from("booking"), mixed).into_context().1), json!({ "id": 17, "paid": true }));
        let counted = std::iter::once((String::from("n"), 1));
        assert_eq!(object(("x", counted).into_context().1), json!({ "n": 1 }));
    }
}
