//! Keys of fields, tags and arguments, and whether their values may leave.

use quote::ToTokens;
use syn::{Lit, LitStr};

use super::{Rule, is_secret, limits, names};
use crate::annotation::Annotation;
use crate::args::{Field, How, Keyed, listed};
use crate::errors::Errors;

/// Tags that the attributes themselves set.
const OURS: &[(&str, &str)] = &[
    ("error.category", "the argument `category` sets this tag; use it"),
    ("task.name", "the task's name is this tag already; leave it out"),
    ("task.status", "the task's outcome is this tag already; leave it out"),
];

/// Looks at everything that is recorded under a key.
pub(super) fn check(annotation: &Annotation, errors: &mut Errors) {
    let (monitor, capture, task) = (annotation.monitor.as_ref(), annotation.capture.as_ref(), annotation.task.as_ref());
    if let Some(args) = monitor {
        fields(&args.fields, names::field_key, errors);
    }
    if let Some(args) = task {
        fields(&args.fields, names::field_key, errors);
        tags(&args.tags, errors);
    }
    if let Some(args) = capture {
        fields(&args.fields, limits::field_key, errors);
        fields(&args.args, names::field_key, errors);
        tags(&args.tags, errors);
    }
}

fn fields(list: &Option<Keyed<Vec<Field>>>, rule: Rule, errors: &mut Errors) {
    for field in listed(list) {
        key(field, rule, errors);
        secret(field, errors);
    }
}

fn tags(list: &Option<Keyed<Vec<Field>>>, errors: &mut Errors) {
    for tag in listed(list) {
        let text = tag.key.value();
        if let Some((_, message)) = OURS.iter().find(|(name, _)| *name == text) {
            errors.push(&tag.key, message);
            continue;
        }
        key(tag, limits::tag_key, errors);
        secret(tag, errors);
        if let Some(value) = literal(tag)
            && let Err(message) = names::tag_value("tag", &value.value())
        {
            errors.push(&value, message);
        }
    }
}

fn key(field: &Field, rule: Rule, errors: &mut Errors) {
    if let Err(message) = rule(&field.key.value()) {
        errors.push(&field.key, message);
    }
}

/// A value under such a key comes from one of the three words. That is the compiler's to see, by its type; what it could
/// never be is said here.
fn secret(field: &Field, errors: &mut Errors) {
    let key = field.key.value();
    if !is_secret(&key) {
        return;
    }
    let never = field.how != How::Bare || literal(field).is_some() || field.value.to_string() == key;
    if never {
        let example = if literal(field).is_some() { key.clone() } else { field.value.to_string() };
        errors.push(
            &field.key,
            format!(
                "`{key}` looks like a secret or personal data; write `{key} = masked(&{example})`, or `hashed` or `exposed` of \
                 `watchpost::redact`"
            ),
        );
    }
}

fn literal(field: &Field) -> Option<LitStr> {
    match syn::parse2(field.value.to_token_stream()).ok()? {
        Lit::Str(text) => Some(text),
        _ => None,
    }
}
