//! The rules of a policy.

use proc_macro2::Ident;

use super::model::{Delegate, Inner, Model, Policy, Shape};
use crate::checks::limits;
use crate::derive::words::excludes;
use crate::errors::Errors;

/// Tells what contradicts itself, what Sentry would not take, and which variant nobody has thought about.
pub(crate) fn check(model: &Model<'_>, errors: &mut Errors) {
    check_policy(&model.policy, errors);
    match &model.shape {
        Shape::Struct { name, delegate } => {
            if !model.policy.said && delegate.said.is_empty() {
                errors.push(
                    name,
                    "nothing is said of this error; write `#[classify(category = \"..\")]`, `#[classify(ignore)]` or `#[classify(delegate)]` above it",
                );
            }
            check_delegate(&model.policy, delegate, errors);
        }
        Shape::Enum { variants } => {
            if let Some(delegate) = &model.policy.delegate {
                errors.push(
                    &delegate.key,
                    "each variant has its own error inside; write `#[classify(delegate)]` on those variants",
                );
            }
            for variant in variants {
                if !variant.policy.said && !model.policy.said && variant.delegate.said.is_empty() {
                    errors.push(
                        variant.name,
                        format_args!(
                            "`{}` has no policy; write `#[classify(category = \"..\")]`, `#[classify(ignore)]` or `#[classify(delegate)]` above it",
                            variant.name
                        ),
                    );
                }
                check_policy(&variant.policy, errors);
                check_delegate(&variant.policy, &variant.delegate, errors);
            }
        }
    }
}

fn check_policy(policy: &Policy, errors: &mut Errors) {
    if let Some(category) = &policy.category
        && let Err(problem) = limits::category(&category.value.value())
    {
        errors.push(&category.value, problem);
    }
    if let Some(fingerprint) = &policy.fingerprint {
        if fingerprint.value.0.is_empty() {
            errors.push(
                &fingerprint.key,
                "an empty fingerprint groups by nothing; give it a part, or leave it out for Sentry's own grouping",
            );
        }
        for part in &fingerprint.value.0 {
            if part.value().is_empty() {
                errors.push(part, "this part of the fingerprint is empty; give it a character or more");
            }
        }
    }
    if let (Some(ignore), Some(expected)) = (&policy.ignore, &policy.expected) {
        excludes(&ignore.key, &expected.key, "an expected error is ignored already; leave `ignore` out", errors);
    }
    if let Some(silent) = policy.ignore.as_ref().or(policy.expected.as_ref()) {
        let mut never =
            |word| excludes(&silent.key, word, "no event is sent that could have it; leave one out", errors);
        if let Some(level) = &policy.level {
            never(&level.key);
        }
        if let Some(fingerprint) = &policy.fingerprint {
            never(&fingerprint.key);
        }
    }
}

/// That `delegate` finds the one error inside.
fn check_delegate(policy: &Policy, delegate: &Delegate<'_>, errors: &mut Errors) {
    for (key, _) in delegate.said.iter().skip(1) {
        errors.push(key, "only one error inside can be asked; leave one `delegate` out");
    }
    if let Some(word) = &policy.delegate
        && find(policy, delegate).is_none()
    {
        errors.push(&word.key, none_found(delegate));
    }
}

fn none_found(delegate: &Delegate<'_>) -> &'static str {
    if delegate.all.is_empty() {
        "there is no error inside to ask; say the policy here"
    } else {
        "which field is the error inside cannot be told; mark it with `#[classify(delegate)]` or `#[source]`"
    }
}

/// The field that `delegate` asks: the one that says so, the source, or the only one. `None` without the word, or where it cannot be
/// told.
pub(crate) fn find<'a>(policy: &Policy, delegate: &Delegate<'a>) -> Option<Inner<'a>> {
    if let Some((_, said)) = delegate.said.first() {
        return Some(said.clone());
    }
    let _: &Ident = &policy.delegate.as_ref()?.key;
    match (delegate.sources.as_slice(), delegate.all.as_slice()) {
        ([source], _) => Some(source.clone()),
        ([], [only]) => Some(only.clone()),
        _ => None,
    }
}
