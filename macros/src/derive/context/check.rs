//! The rules of a context.

use super::model::{Model, Recorded, What};
use crate::checks::limits;
use crate::derive::how::How;
use crate::derive::words::secret;
use crate::errors::Errors;

/// Tells everything that Sentry would refuse, cut or confuse, and what would leave the program unseen.
pub(crate) fn check(model: &Model<'_>, errors: &mut Errors) {
    if let Err(problem) = limits::context_name(&model.name) {
        let with = if model.named { "" } else { ", with `#[context(name = \"..\")]`" };
        errors.at(model.name_at, format_args!("{problem}{with}"));
    }
    if model.fields.is_empty() {
        errors.at(
            model.name_at,
            "nothing of this struct is recorded, and Sentry discards a context without fields; give it one",
        );
    }
    let mut keys: Vec<&str> = Vec::new();
    for recorded in &model.fields {
        check_field(model, recorded, errors);
        let Some((key, at)) = &recorded.key else { continue };
        if keys.contains(&key.as_str()) {
            errors.at(*at, format_args!("the key `{key}` is taken by a field above; give this one another with `#[context(rename = \"..\")]`"));
        }
        keys.push(key);
    }
}

fn check_field(model: &Model<'_>, recorded: &Recorded<'_>, errors: &mut Errors) {
    let field = &recorded.field;
    let Some((key, at)) = &recorded.key else {
        if !matches!(recorded.what, What::Flatten) {
            errors
                .at(field.span(), "a field without a name needs a key; write `#[context(rename = \"..\")]` before it");
        }
        return;
    };
    if let Err(problem) = limits::field_key(key) {
        errors.at(*at, problem);
        return;
    }
    let guarded = match &recorded.what {
        What::Value { how, tag } => {
            if let Some(tag) = tag
                && let Err(problem) = limits::tag_key(&format!("{}.{key}", model.name))
                && limits::context_name(&model.name).is_ok()
            {
                errors.push(tag, problem);
            }
            how.is_some_and(How::is_guard)
        }
        _ => false,
    };
    if guarded {
        return;
    }
    // What is in an object says of its own names whether they are secret; the redactor goes by the object's key.
    let own = field.ident.filter(|_| matches!(recorded.what, What::Value { .. }));
    let Some((name, looks_like)) = secret(own, key) else { return };
    match recorded.what {
        What::Value { .. } => errors.at(
            field.span(),
            format_args!("`{name}` looks like {looks_like}; write `#[context(masked)]`, `hashed`, `exposed` or `skip` on it"),
        ),
        _ => errors.at(
            field.span(),
            format_args!("`{name}` looks like {looks_like} and the whole object would be redacted; write `flatten`, or `rename = \"..\"`"),
        ),
    }
}
